//! Texts with numbers and names in them.

use super::Language::{self, Chinese, English};
use super::larger;
use crate::app::work::Deed;
use crate::engine::EngineUnavailable;
use crate::models::{Measured, ShortcutCost, WeightCost};
use crate::raster::Extent;
use crate::recipe::{Shortcuts, Span, Task, WeightBits};

/// `Segment Anything (mobile_sam.pt)`: who finds what the smart tool points at.
pub fn finder(language: Language, weights: Option<&str>) -> String {
    match (language, weights) {
        (English, Some(file)) => format!("Segment Anything ({file})"),
        (Chinese, Some(file)) => format!("Segment Anything（{file}）"),
        (English, None) => "Built-in, by colours and edges".to_owned(),
        (Chinese, None) => "内置方法：按颜色和边缘".to_owned(),
    }
}

/// How to have Segment Anything find things.
pub fn finder_wanted(language: Language, folder: &str) -> String {
    match language {
        English => format!(
            "Segment Anything takes over once mobile_sam.pt or sam_vit_b_01ec64.pth is in {folder}"
        ),
        Chinese => format!(
            "把 mobile_sam.pt 或 sam_vit_b_01ec64.pth 放入 {folder}，即改用 Segment Anything"
        ),
    }
}

/// `about 2 s`: an estimate has no tenths above a second.
pub fn about(language: Language, seconds: f64) -> String {
    if (1.0..9.95).contains(&seconds) {
        return match language {
            English => format!("about {seconds:.0} s"),
            Chinese => format!("约 {seconds:.0} 秒"),
        };
    }
    match language {
        English => format!("about {}", duration(language, seconds)),
        Chinese => format!("约 {}", duration(language, seconds)),
    }
}

/// `1.4 s left`.
pub fn left(language: Language, seconds: f64) -> String {
    match language {
        English => format!("{} left", duration(language, seconds)),
        Chinese => format!("剩余 {}", duration(language, seconds)),
    }
}

/// A time as people say it: tenths below ten seconds, then seconds, minutes, hours.
pub fn duration(language: Language, seconds: f64) -> String {
    let (second, minute, hour) = match language {
        English => (" s", " min", " h"),
        Chinese => (" 秒", " 分", " 小时"),
    };
    let whole = seconds.round() as u64;
    if seconds < 9.95 {
        format!("{seconds:.1}{second}")
    } else if whole < 100 {
        format!("{whole}{second}")
    } else if whole < 3600 {
        format!("{}{minute} {:02}{second}", whole / 60, whole % 60)
    } else {
        format!("{}{hour} {:02}{minute}", whole / 3600, whole / 60 % 60)
    }
}

/// `Step 9 of 20`.
pub fn step_of(language: Language, step: u32, steps: u32) -> String {
    match language {
        English => format!("Step {step} of {steps}"),
        Chinese => format!("第 {step} / {steps} 步"),
    }
}

/// `8.1 steps/s`, or `2.5 s a step` where a step takes longer than a second.
pub fn rate(language: Language, seconds_per_step: f64) -> String {
    match (language, seconds_per_step > 1.0) {
        (English, false) => format!("{:.1} steps/s", 1.0 / seconds_per_step),
        (English, true) => format!("{seconds_per_step:.1} s a step"),
        (Chinese, false) => format!("{:.1} 步/秒", 1.0 / seconds_per_step),
        (Chinese, true) => format!("每步 {seconds_per_step:.1} 秒"),
    }
}

/// `picture 2 of 4`.
pub fn picture_of(language: Language, picture: u32, count: u32) -> String {
    match language {
        English => format!("picture {picture} of {count}"),
        Chinese => format!("第 {picture} / {count} 张"),
    }
}

/// `1 of 4`.
pub fn one_of(language: Language, one: u32, count: u32) -> String {
    match language {
        English => format!("{one} of {count}"),
        Chinese => format!("{one} / {count}"),
    }
}

/// What is left of a file's bytes when people read them: `19 MB`.
pub fn megabytes(bytes: u64) -> String {
    if bytes >= 10_000_000_000 {
        format!("{} GB", bytes / 1_000_000_000)
    } else if bytes >= 1_000_000_000 {
        format!("{:.1} GB", bytes as f64 / 1e9)
    } else {
        format!("{} MB", (bytes / 1_000_000).max(1))
    }
}

/// `0.4 GB`.
pub fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", (bytes as f64 / 1e9).max(0.1))
}

/// `0.4 of 22.9 GB`, to be set between `Memory` and `for this picture`.
pub fn memory(language: Language, bytes: u64, of: u64) -> [String; 3] {
    let numbers = format!("{:.1}", (bytes as f64 / 1e9).max(0.1));
    let total = format!("{:.1} GB", of as f64 / 1e9);
    match language {
        English => [
            "Memory".to_owned(),
            format!("{numbers} of {total}"),
            "for this picture".to_owned(),
        ],
        Chinese => [
            "内存".to_owned(),
            format!("{numbers} / {total}"),
            "（本图）".to_owned(),
        ],
    }
}

/// `2 threads`.
pub fn threads(language: Language, threads: usize) -> String {
    match (language, threads) {
        (English, 1) => "1 thread".to_owned(),
        (English, _) => format!("{threads} threads"),
        (Chinese, _) => format!("{threads} 线程"),
    }
}

/// `All 2 cores`.
pub fn all_cores(language: Language, cores: usize) -> String {
    match (language, cores) {
        (English, 1) => "The one core".to_owned(),
        (English, _) => format!("All {cores} cores"),
        (Chinese, _) => format!("全部 {cores} 核"),
    }
}

/// `4 pictures · 20 steps`.
pub fn waiting_job(language: Language, count: u32, steps: u32) -> String {
    let pictures = match (language, count) {
        (English, 1) => "1 picture".to_owned(),
        (English, _) => format!("{count} pictures"),
        (Chinese, _) => format!("{count} 张"),
    };
    match language {
        // It has none.
        _ if steps == 0 => pictures,
        English => format!("{pictures} · {steps} steps"),
        Chinese => format!("{pictures} · {steps} 步"),
    }
}

/// Name of a place in the queue: `Remove waiting 2`.
pub fn queue_button(language: Language, verb: &str, place: usize) -> String {
    match language {
        English => format!("{verb} waiting {place}"),
        Chinese => format!("{verb} 等待任务 {place}"),
    }
}

/// Name of a picture of the filmstrip.
pub fn strip_picture(language: Language, number: usize, prompt: &str) -> String {
    match language {
        English => format!("Picture {number}: {prompt}"),
        Chinese => format!("图片 {number}：{prompt}"),
    }
}

/// Name of a picture of the run.
pub fn run_picture(language: Language, number: u32) -> String {
    match language {
        English => format!("Picture {number} of this run"),
        Chinese => format!("本次第 {number} 张"),
    }
}

/// `256 × 256`.
pub fn extent(extent: Extent) -> String {
    format!("{} × {}", extent.width, extent.height)
}

/// Where a picture was written.
pub fn saved_as(language: Language, file: &str) -> String {
    match language {
        English => format!("Saved as {file}"),
        Chinese => format!("已保存为 {file}"),
    }
}

/// A picture that could not be written, and why.
pub fn not_saved(language: Language, why: &str) -> String {
    match language {
        English => format!("This picture is not saved yet: {why}"),
        Chinese => format!("图片尚未保存：{why}"),
    }
}

/// After how many steps a picture was stopped.
pub fn stopped_after(language: Language, step: u32, steps: u32) -> String {
    match language {
        English => format!("after {step} of {steps} steps"),
        Chinese => format!("完成 {step} / {steps} 步"),
    }
}

/// Weights that would give a third way to remove things, and where they belong.
pub fn lama_missing(language: Language, folder: &str) -> String {
    match language {
        English => format!("With big-lama.pt in {folder} a network removes things too."),
        Chinese => format!("把 big-lama.pt 放入 {folder}，还可以用神经网络去除。"),
    }
}

/// A path of at most `most` letters: of a longer one both ends, since the middle tells least.
pub fn shortened(path: &str, most: usize) -> String {
    let letters: Vec<char> = path.chars().collect();
    if letters.len() <= most {
        return path.to_owned();
    }
    let kept = most.saturating_sub(1);
    let (start, end) = (kept / 2, letters.len() - (kept - kept / 2));
    let ends = letters[..start]
        .iter()
        .chain(['…'].iter())
        .chain(&letters[end..]);
    ends.collect()
}

/// `Result 2 · telea`: a result at the easel.
pub fn candidate(language: Language, number: usize, task: &Task) -> String {
    let method = match task {
        Task::Remove(removal) => format!(" · {}", removal.method),
        _ => String::new(),
    };
    match language {
        English => format!("Result {number}{method}"),
        Chinese => format!("结果 {number}{method}"),
    }
}

/// What led to a state of the easel.
pub(in crate::app) fn deed(language: Language, deed: &Deed) -> String {
    match (language, deed) {
        (English, Deed::Opened(file)) if file.is_empty() => "Opened".to_owned(),
        (Chinese, Deed::Opened(file)) if file.is_empty() => "打开".to_owned(),
        (English, Deed::Opened(file)) => format!("Opened {file}"),
        (Chinese, Deed::Opened(file)) => format!("打开 {file}"),
        (English, Deed::Filled) => "Filled".to_owned(),
        (Chinese, Deed::Filled) => "填充".to_owned(),
        (English, Deed::Changed) => "Changed".to_owned(),
        (Chinese, Deed::Changed) => "重绘".to_owned(),
        (English, Deed::Extended) => "Extended".to_owned(),
        (Chinese, Deed::Extended) => "扩展".to_owned(),
        (English, Deed::Cropped) => "Cropped".to_owned(),
        (Chinese, Deed::Cropped) => "裁剪".to_owned(),
        (English, Deed::Removed) => "Removed something".to_owned(),
        (Chinese, Deed::Removed) => "去除".to_owned(),
    }
}

/// What a picture was made from; empty where it was a prompt alone.
pub fn made_from(language: Language, task: &Task) -> String {
    let strength = task.strength().0;
    match (language, task) {
        (_, Task::TextToImage) => String::new(),
        (English, Task::Remove(removal)) => {
            format!("another picture, a part removed by {}", removal.method)
        }
        (Chinese, Task::Remove(removal)) => format!("另一张图片的局部去除（{}）", removal.method),
        (English, Task::Style(styling)) => match styling.styles.len() {
            0 => "another picture, in a quick style".to_owned(),
            1 => "another picture, in the style of a third".to_owned(),
            styles => format!("another picture, in {styles} styles"),
        },
        (Chinese, Task::Style(styling)) => match styling.styles.len() {
            0 => "另一张图片，套用快速风格".to_owned(),
            1 => "另一张图片，取第三张的风格".to_owned(),
            styles => format!("另一张图片，取 {styles} 种风格"),
        },
        (_, Task::Upscale(enlargement)) => larger::enlarged(language, enlargement),
        (English, Task::ImageToImage(_)) => format!("another picture, strength {strength}"),
        (English, Task::Inpaint(_)) => {
            format!("another picture, a part filled, strength {strength}")
        }
        (Chinese, Task::ImageToImage(_)) => format!("另一张图片，重绘幅度 {strength}"),
        (Chinese, Task::Inpaint(_)) => format!("另一张图片的局部重绘，重绘幅度 {strength}"),
    }
}

/// What is left out for speed: `guidance from 0.1 to 0.8, one whole step in 3`.
pub fn shortcuts(language: Language, shortcuts: Shortcuts) -> String {
    let Shortcuts {
        guidance: Span { from, to },
        cache_interval: interval,
    } = shortcuts;
    let span = (!shortcuts.guidance.is_whole()).then(|| match language {
        English => format!("guidance from {from} to {to}"),
        Chinese => format!("引导 {from} 至 {to}"),
    });
    let cache = shortcuts.keep_features().then(|| match language {
        English => format!("one whole step in {interval}"),
        Chinese => format!("每 {interval} 步完整计算一次"),
    });
    let parts: Vec<_> = span.into_iter().chain(cache).collect();
    parts.join(match language {
        English => ", ",
        Chinese => "，",
    })
}

/// `about 45 % less`: the part of the denoiser's work that is saved.
pub fn less(language: Language, saved: f64) -> String {
    let percent = (saved * 100.0).round();
    match language {
        English => format!("about {percent} % less"),
        Chinese => format!("约少 {percent}%"),
    }
}

/// What shortcuts save, and what they cost in quality; `together`: more than one kind of them.
pub fn bargain(language: Language, saved: f64, cost: &ShortcutCost, together: bool) -> String {
    let percent = (saved * 100.0).round();
    let differs = difference(cost.measured);
    match (language, together) {
        (English, false) => {
            format!("About {percent} % less computing; differs by {differs}/255.")
        }
        (English, true) => {
            format!("Together {percent} % less computing; differs by {differs}/255.")
        }
        (Chinese, false) => format!("计算量约少 {percent}%；相差 {differs}/255。"),
        (Chinese, true) => format!("合计计算量约少 {percent}%；相差 {differs}/255。"),
    }
}

/// A measurement of what shortcuts save and cost.
pub fn measured(language: Language, cost: &ShortcutCost) -> String {
    let what = shortcuts(language, cost.shortcuts);
    let percent = ((1.0 - cost.measured.time) * 100.0).round();
    let (differs, psnr) = (difference(cost.measured), cost.measured.psnr);
    match language {
        English => format!(
            "Measured with Sprout: {what} took {percent} % less time and differed by {differs}/255 on average (PSNR {psnr:.0} dB)."
        ),
        Chinese => format!(
            "以 Sprout 实测：{what}，用时少 {percent}%，平均相差 {differs}/255（PSNR {psnr:.0} dB）。"
        ),
    }
}

/// How weights are kept.
pub fn weight_bits(language: Language, bits: WeightBits) -> &'static str {
    match (language, bits) {
        (English, WeightBits::AsStored) => "As stored",
        (English, WeightBits::Half) => "Half",
        (English, WeightBits::EightBit) => "8 bit",
        (Chinese, WeightBits::AsStored) => "原样",
        (Chinese, WeightBits::Half) => "半精度",
        (Chinese, WeightBits::EightBit) => "8 位",
    }
}

/// What the weights take in memory with fewer bits, instead of what, and what that costs.
pub fn weight_bargain(language: Language, [bytes, instead]: [u64; 2], cost: &WeightCost) -> String {
    let [here, there] = [bytes, instead].map(megabytes);
    let differs = difference(cost.measured);
    match language {
        English => format!("{here} of weights instead of {there}; differs by {differs}/255."),
        Chinese => format!("权重占 {here}，原为 {there}；相差 {differs}/255。"),
    }
}

/// A measurement of what fewer bits cost.
pub fn weights_measured(language: Language, cost: &WeightCost) -> String {
    let Measured { time, psnr, .. } = cost.measured;
    let (percent, differs) = ((time * 100.0).round(), difference(cost.measured));
    match language {
        English => format!(
            "Measured with Sprout: {percent} % of the time, and differed by {differs}/255 on average (PSNR {psnr:.0} dB)."
        ),
        Chinese => format!(
            "以 Sprout 实测：用时为 {percent}%，平均相差 {differs}/255（PSNR {psnr:.0} dB）。"
        ),
    }
}

/// Tenths below ten.
fn difference(measured: Measured) -> String {
    let decimals = usize::from(measured.difference < 9.95);
    format!("{:.decimals$}", measured.difference)
}

/// The engine answers no longer.
pub fn unavailable(language: Language, error: EngineUnavailable) -> String {
    match language {
        English => error.to_string(),
        Chinese => "引擎没有响应；请重新启动程序（已完成的图片都已保存）".to_owned(),
    }
}

/// A place the file manager cannot show.
pub fn not_shown(language: Language, why: &str) -> String {
    match language {
        English => format!("This place cannot be shown: {why}"),
        Chinese => format!("无法打开该位置：{why}"),
    }
}

/// Name of the button that sets a shape.
pub fn ratio(language: Language, ratio: &str) -> String {
    match language {
        English => format!("Ratio {ratio}"),
        Chinese => format!("比例 {ratio}"),
    }
}

/// `Paint the mask (B)`: what a control does, and its keys, if there are any.
pub fn with_keys(language: Language, text: &str, keys: &str) -> String {
    match language {
        _ if keys.is_empty() => text.to_owned(),
        English => format!("{text} ({keys})"),
        Chinese => format!("{text}（{keys}）"),
    }
}

/// `V, or hold Space`: a key that is pressed, and one that does the same while it is held.
pub fn or_hold(language: Language, pressed: &str, held: &str) -> String {
    match (language, pressed.is_empty(), held.is_empty()) {
        (_, _, true) => pressed.to_owned(),
        (English, true, false) => format!("hold {held}"),
        (Chinese, true, false) => format!("按住 {held}"),
        (English, false, false) => format!("{pressed}, or hold {held}"),
        (Chinese, false, false) => format!("{pressed}，或按住 {held}"),
    }
}

/// `What the picture should show. Ctrl+↵ makes it.`
pub fn makes_it(language: Language, text: &str, keys: &str) -> String {
    match language {
        _ if keys.is_empty() => text.to_owned(),
        English => format!("{text} {keys} makes it."),
        Chinese => format!("{text}按 {keys} 开始。"),
    }
}

/// What can be done where no picture is on the easel yet.
pub fn easel_empty(language: Language, open: &str) -> String {
    let first = match language {
        English => with_keys(language, "Open a picture", open),
        Chinese => with_keys(language, "打开图片", open),
    };
    match language {
        English => format!("{first}, drop one here, or choose one below."),
        Chinese => format!("{first}、拖入图片，或在下方选择一张。"),
    }
}

/// What a polygon does, and how it is closed.
pub fn polygon(language: Language, close: &str) -> String {
    match (language, close.is_empty()) {
        (English, true) => "Mask a shape, corner by corner; a double click closes it".to_owned(),
        (English, false) => {
            format!("Mask a shape, corner by corner; {close} or a double click closes it")
        }
        (Chinese, true) => "逐点勾画；双击闭合".to_owned(),
        (Chinese, false) => format!("逐点勾画；按 {close} 或双击闭合"),
    }
}

/// `Brush: B`: a command and its keys, as it is told to those who do not see the row.
pub fn command_keys(language: Language, name: &str, keys: &str) -> String {
    match (language, keys.is_empty()) {
        (English, true) => format!("{name}: no key"),
        (English, false) => format!("{name}: {keys}"),
        (Chinese, true) => format!("{name}：无快捷键"),
        (Chinese, false) => format!("{name}：{keys}"),
    }
}

/// `Reset: Brush`.
pub fn reset_key(language: Language, name: &str) -> String {
    match language {
        English => format!("Reset: {name}"),
        Chinese => format!("恢复默认：{name}"),
    }
}

/// `was: Eraser`: the commands that had a key before.
pub fn key_was(language: Language, names: &[&str]) -> String {
    match language {
        English => format!("was: {}", names.join(", ")),
        Chinese => format!("原为：{}", names.join("、")),
    }
}

/// Why a key cannot be given to a command.
pub fn key_fixed(language: Language, key: &str) -> String {
    match language {
        English => format!("{key} always means the same: press another key"),
        Chinese => format!("{key} 的用途固定，请按其他键"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        assert_eq!(duration(English, 1.44), "1.4 s");
        assert_eq!(duration(English, 42.0), "42 s");
        assert_eq!(duration(English, 125.0), "2 min 05 s");
        assert_eq!(duration(Chinese, 3720.0), "1 小时 02 分");
    }

    #[test]
    fn what_is_left_out_is_told_with_what_it_saves_and_costs() {
        let cost = ShortcutCost {
            shortcuts: Shortcuts {
                guidance: Span { from: 0.1, to: 0.8 },
                cache_interval: 3,
            },
            measured: Measured {
                time: 0.421,
                difference: 10.16,
                psnr: 20.29,
            },
        };
        assert_eq!(
            shortcuts(English, cost.shortcuts),
            "guidance from 0.1 to 0.8, one whole step in 3"
        );
        assert_eq!(shortcuts(Chinese, Shortcuts::default()), "");
        assert_eq!(
            bargain(English, 0.654, &cost, false),
            "About 65 % less computing; differs by 10/255."
        );
        let told = measured(Chinese, &cost);
        for part in ["0.1", "0.8", "3 步", "58%", "10/255", "20 dB"] {
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn long_paths_keep_both_ends() {
        assert_eq!(shortened("/home/a/models", 20), "/home/a/models");
        assert_eq!(shortened("/home/someone/models", 11), "/home…odels");
        assert_eq!(shortened("/图片/模型/权重/文件", 7), "/图片…/文件");
    }

    #[test]
    fn rates_turn_round_below_one_a_second() {
        assert_eq!(rate(English, 0.125), "8.0 steps/s");
        assert_eq!(rate(English, 2.5), "2.5 s a step");
    }
}
