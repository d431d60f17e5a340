//! What went wrong, and what to do, in the language of the window.
//!
//! English is what the error types say themselves. Reasons that come from the system or from a
//! file's contents stand as they came.

use std::path::Path;

use super::Language::{self, Chinese, English};
use super::of_memory;
use crate::engine::{Failure, Note, PlanError};
use crate::library::FileError;
use crate::raster::{Extent, Unfit};
use crate::recipe::{Problem, SAMPLERS, SCHEDULES, WildcardProblem, near};
use crate::weights::{ModelError, OtherUse, in_brackets};

/// Why a job, or a request about a file, came to nothing.
pub fn failure(language: Language, failure: &Failure) -> String {
    match (language, failure) {
        (English, _) => failure.to_string(),
        (Chinese, Failure::Model(error)) => model(error),
        (Chinese, Failure::Recipe(problems)) => problems
            .iter()
            .map(|problem| self::problem(Chinese, problem))
            .collect::<Vec<_>>()
            .join("；"),
        (Chinese, Failure::File(error)) => file(error),
        (Chinese, Failure::Plan(error)) => plan(error),
        (Chinese, Failure::Memory(refusal)) => of_memory::refusal(Chinese, refusal),
        (Chinese, Failure::Extra(error)) => {
            format!("{}；也可以把它移出所在的文件夹，改用内置方法", model(error))
        }
        (Chinese, Failure::Clipboard { reason }) => {
            format!("系统剪贴板没有接受图片（{reason}）：请重试，或保存为文件")
        }
        (Chinese, Failure::NothingFound) => {
            "这里没有找到明显的物体：请直接点击物体，或框得更紧一些".to_owned()
        }
        (Chinese, Failure::Computation { reason }) => format!("计算失败：{reason}"),
        (Chinese, Failure::Panicked { message }) => {
            format!("内部错误结束了任务（{message}）；引擎仍在运行，请报告此问题")
        }
    }
}

/// Something people should know about a job that goes on.
pub fn note(language: Language, note: &Note) -> String {
    match (language, note) {
        (English, _) => note.to_string(),
        (Chinese, Note::Fitted { savings }) => of_memory::fitted(Chinese, savings),
        (Chinese, Note::PromptCut { window, cut }) => {
            format!("提示词超过模型的 {window} 个词元；略去：“{cut}”")
        }
        (Chinese, Note::NegativePromptCut { window, cut }) => {
            format!("反向提示词超过模型的 {window} 个词元；略去：“{cut}”")
        }
        (Chinese, Note::OtherWeights { model }) => {
            format!("“{model}”的权重与原图所用的不同：相同的设置会得到另一张图")
        }
        (Chinese, Note::OtherAdapter { adapter }) => {
            format!("“{adapter}”与原图所用的文件不同：相同的设置会得到另一张图")
        }
        (
            Chinese,
            Note::AdapterUnused {
                adapter,
                unused,
                first,
            },
        ) => format!("“{adapter}”中有 {unused} 个张量对此模型不起作用，第一个是 {first}"),
        (Chinese, Note::UnknownNetwork { tag }) => {
            format!("略去 {tag}：此类标记中只认识 <lora:名称:权重>")
        }
        (Chinese, Note::UnknownEmbedding { name, folder, near }) => {
            format!("略去 embedding:{name}：{folder}/embeddings 中没有这个名字的文件{near}")
        }
    }
}

/// Settings could not be read at start.
pub fn settings_put_aside(language: Language, path: &Path) -> String {
    let path = path.display();
    match language {
        English => format!(
            "the settings could not be read; the window starts with new ones, the old are in {path}"
        ),
        Chinese => format!("无法读取设置，已使用新的设置；原有的设置保存在 {path}"),
    }
}

fn sampler_unsuited(sampler: &str, schedule: &str, fitting: &[&str]) -> String {
    let fitting = fitting.join("、");
    format!(
        "此模型不能用采样器 {sampler} 和调度 {schedule}：它的潜变量在一条直线上；请选择 {fitting} 之一，调度选 normal"
    )
}

/// One thing that keeps the form from being a recipe.
pub fn problem(language: Language, problem: &Problem) -> String {
    if language == English {
        return problem.to_string();
    }
    match problem {
        Problem::SizeNotMultiple {
            width,
            height,
            factor,
        } => format!(
            "尺寸 {width}×{height} 不合适：此模型只能画 {factor} 像素的整数倍，例如 {}×{}",
            near(*width, *factor),
            near(*height, *factor)
        ),
        Problem::SizeTooLarge { width, height, max } => {
            format!("尺寸 {width}×{height} 太大：每边不得超过 {max} 像素")
        }
        Problem::SizeZero {
            width,
            height,
            factor,
        } => format!("尺寸 {width}×{height} 没有像素：请至少给出 {factor}×{factor}"),
        Problem::NetworkWeight(tag) => {
            format!("{tag} 的权重不是数：请写成 <lora:名称:0.8>")
        }
        Problem::NoSteps => "0 步画不出图：请至少给出 1 步，通常约 20 步".to_owned(),
        Problem::TooManySteps { steps, max } => {
            format!("{steps} 步超过此模型训练时的 {max} 步：请至多给出 {max} 步")
        }
        Problem::Guidance => "引导强度必须是不小于 0 的数，通常为 2 到 8".to_owned(),
        Problem::UnknownSampler(id) => {
            let known = listed(SAMPLERS.iter().map(|row| row.id));
            format!("没有名为“{id}”的采样器：请选择 {known} 之一")
        }
        Problem::UnknownSchedule(id) => {
            let known = listed(SCHEDULES.iter().map(|row| row.id));
            format!("没有名为“{id}”的调度：请选择 {known} 之一")
        }
        Problem::NoPictures => "张数为 0：请至少给出 1".to_owned(),
        Problem::GuidanceSpan => {
            "引导的起点必须小于终点，两者都在 0 到 1 之间：0 到 1 表示全程引导".to_owned()
        }
        Problem::DecodeTile { tile, step } => {
            format!("不能以 {tile} 像素的图块解码：请给出 {step} 的倍数；0 表示内存足够时整张解码")
        }
        Problem::CacheInterval => "缓存间隔至少为 1：1 表示每一步都完整计算，通常为 3".to_owned(),
        Problem::Wildcard(problem) => wildcard(problem),
        Problem::ClipSkip { most: Some(most) } => {
            format!("CLIP 跳层必须从 1（文本编码器的最后一层）到其层数，此处为 {most}")
        }
        Problem::ClipSkip { most: None } => {
            "CLIP 跳层必须从 1（文本编码器的最后一层）到其层数".to_owned()
        }
        Problem::Variation => {
            "变化强度必须在 0（此种子的画面）到 1（另一种子的画面）之间".to_owned()
        }
        Problem::SamplerUnsuited {
            sampler,
            schedule,
            fitting,
        } => sampler_unsuited(sampler, schedule, fitting),
        Problem::CacheUnsuited => {
            "此模型没有可以单独计算的最外层：请把缓存间隔设为 1，即每一步都完整计算".to_owned()
        }
        Problem::Strength => "重绘幅度必须大于 0 且不超过 1，通常约 0.6".to_owned(),
        Problem::StrengthWithoutStep {
            strength,
            steps,
            least,
        } => {
            format!("重绘幅度 {strength} 乘以 {steps} 步不足一步：请调高其中之一，至少 {least} 步")
        }
        Problem::StyleMissing => {
            "缺少风格图片，或它不是此配方所用的图片：请至少给出一张".to_owned()
        }
        Problem::UnknownFeatures(id) => {
            format!("没有名为“{id}”的特征：请选择 vgg19 或 embedded")
        }
        Problem::UnknownLayers(id) => {
            format!("没有名为“{id}”的层组：请选择 first_five 或 gatys")
        }
        Problem::StyleWeights => {
            "风格与内容的权重必须是不小于 0 的数，风格的权重大于 0；通常为 1e6 与 1".to_owned()
        }
        Problem::StrokeScale { least, most } => {
            format!("笔触大小必须在 {least} 到 {most} 之间：1 表示保持原样")
        }
        Problem::KeepColors => "保留颜色必须在 0（风格的颜色）到 1（内容的颜色）之间".to_owned(),
        Problem::StyleSize { least, most } => {
            format!("长边必须在 {least} 到 {most} 像素之间，通常为 512")
        }
        Problem::PictureMissing => "缺少作为起点的图片：请重新打开它".to_owned(),
        Problem::OtherPicture => "这不是此配方所用的图片：请打开原来的那张".to_owned(),
        Problem::MaskMissing => "缺少遮罩，或它不是此配方所用的遮罩".to_owned(),
        Problem::MaskSize {
            width,
            height,
            mask_width,
            mask_height,
        } => format!(
            "遮罩为 {mask_width}×{mask_height}，图片为 {width}×{height}：请给出与图片同样大小的遮罩"
        ),
        Problem::MaskEmpty => "遮罩是空的：请用白色涂出要重绘的部分".to_owned(),
        Problem::MaskWhole => "遮罩盖住了整张图片：请留出可供参考的部分".to_owned(),
        Problem::UnknownMethod(id) => format!("没有名为“{id}”的去除方法：请另选一种"),
        Problem::MaskBlur => "遮罩的模糊必须是 0 到 256 的数，通常为 4".to_owned(),
        Problem::FillSize {
            width,
            height,
            asked_width,
            asked_height,
        } => format!(
            "重绘整张 {width}×{height} 的图片时按此尺寸生成，而不是 {asked_width}×{asked_height}：请不要给出尺寸，或只重绘遮罩部分"
        ),
    }
}

fn wildcard(problem: &WildcardProblem) -> String {
    match problem {
        WildcardProblem::Unknown { name } => format!(
            "没有名为“{name}”的通配符：请把 {name}.txt（每行一个选项）放入模型文件夹的 wildcards 文件夹，或改正名称"
        ),
        WildcardProblem::Empty { name } => {
            format!("通配符“{name}”里没有选项：请在 {name}.txt 中每行写一个")
        }
        WildcardProblem::TooLong => "为此提示词抽取的文本超过了 1 MB：请减少抽取的数量".to_owned(),
        WildcardProblem::Endless => {
            "提示词中的通配符互相引用，没有尽头：请去掉其中一个名称".to_owned()
        }
    }
}

fn listed(ids: impl Iterator<Item = &'static str>) -> String {
    ids.collect::<Vec<_>>().join("、")
}

fn model(error: &ModelError) -> String {
    match error {
        ModelError::UnknownModel { name } => format!(
            "没有名为“{name}”的模型：请给出“sprout”、一个检查点文件（.safetensors、.ckpt、.gguf），或一个 diffusers 格式的文件夹（含 model_index.json）"
        ),
        ModelError::FileMissing { folder, file } => {
            format!("模型文件夹 {folder} 缺少 {file}：请把它复制进去，或重新下载模型")
        }
        ModelError::Unreadable { file, reason } => format!("无法读取 {file}：{reason}"),
        ModelError::IsFolder { file } => {
            format!("{file} 是文件夹，而这里应是文件：请把该文件放到此处，或直接指定该文件")
        }
        ModelError::IsDevice { file } => {
            format!("{file} 是设备或管道，不是文件：请先把其内容存为文件")
        }
        ModelError::Damaged { file, reason } => {
            format!("{file} 已损坏或不是权重文件（{reason}）：请重新下载此文件")
        }
        ModelError::Mismatch { file, reason } => format!(
            "{file} 与它的 config.json 不符（{reason}）：两者来自不同的模型，请使用同一模型的文件"
        ),
        ModelError::NoModel { file, what } => {
            format!("{file} 不是能作画的模型，而是{}", other_use(*what))
        }
        ModelError::OtherFamily { file, family } => format!(
            "{file} 中是 {family}，此版本无法运行：请选择 Stable Diffusion 1.x、2.x、XL 或 3、FLUX.1 或 Z-Image 的检查点"
        ),
        ModelError::NoVae { file } => {
            format!("{file} 中没有 VAE，无法把模型的结果变成图片：请为它另选一个 VAE")
        }
        ModelError::OtherVae { file, reason } => {
            format!("{file} 不能作为此模型的 VAE（{reason}）：请选择为它发布的 VAE")
        }
        ModelError::OtherPreviews { file, reason } => format!(
            "{file} 不能用来绘制此模型的预览（{reason}）：请删除它，或用 `afterimage fit decoder` 重新训练"
        ),
        ModelError::NoTextEncoder { file } => {
            format!("{file} 中没有文本编码器，无法读懂提示词：请选择完整的检查点")
        }
        ModelError::DenoiserAlone {
            file,
            family,
            parts,
        } => format!(
            "{file} 中只有 {family} 的去噪网络，旁边缺少：{}。请放上 {family} 的 diffusers 文件夹，或按 ComfyUI 的方式放置括号中的文件",
            parts.replace(", ", "、")
        ),
        ModelError::Incomplete { file, reason } => {
            format!("{file} 与其余张量不符（{reason}）：请重新下载此检查点，或换用它的另一版本")
        }
        ModelError::OtherNetwork {
            file,
            network,
            reason,
        } => format!("{file} 不是 {network} 的权重（{reason}）：请换上为它发布的文件"),
        ModelError::NoUpscaler { file, reason } => format!(
            "{file} 中没有用于放大图片的网络（{reason}）：请给出已发布的 ESRGAN、Real-ESRGAN、BSRGAN 或 SwinIR 的权重"
        ),
        ModelError::UnknownUpscaler {
            name,
            folder,
            there,
        } => format!(
            "没有名为“{name}”的放大网络：请给出权重文件、{folder}/upscale 中某个文件的名字，或内置网络的名字{there}"
        ),
        ModelError::NoLama { folder } => format!(
            "去除方法 lama 需要 big-lama 的权重，而 {folder} 中没有：请把 big-lama.pt 或 big-lama.safetensors 放到那里，或改用不需要权重的 exemplar"
        ),
        ModelError::NoVgg { folder } => format!(
            "特征 vgg19 需要 VGG-19 的权重，而 {folder} 中没有：请把 vgg19-dcbb9e9d.pth 放到那里，或改用不需要权重的 embedded"
        ),
        ModelError::NoAdaIn { folder } => format!(
            "特征 adain 需要 AdaIN 的两个网络，而 {folder} 中没有：请把 vgg_normalised.pth 和 decoder.pth 放到其中的 adain 文件夹，或改用不需要权重的 embedded"
        ),
        ModelError::NoQuickStyle {
            name,
            folder,
            there,
        } => format!(
            "没有名为“{name}”的快速风格：请给出文件，或 {folder}/styles 中某个文件的名字{there}"
        ),
        ModelError::NoAdapter { file } => {
            format!("{file} 不是 LoRA 一类的文件：请给出训练工具保存的 LoRA、LoHa、LoKr 或 DoRA")
        }
        ModelError::AdapterOfOtherFamily {
            file,
            made_for,
            model,
            reason,
        } => format!(
            "{file} 是为 {made_for} 训练的，而当前模型是 {model}（{reason}）：请选择为此模型训练的 LoRA，或换用与它同类的模型"
        ),
        ModelError::UnknownAdapter { name, folder, near } => {
            format!("没有名为“{name}”的 LoRA：请给出文件，或 {folder}/loras 中某个文件的名字{near}")
        }
        ModelError::NoClip { file, reason } => format!(
            "{file} 不是完整的 CLIP（{reason}）：请给出 Hugging Face 结构的文件夹，内含 config.json、model.safetensors 和分词器文件，且同时包含两个编码器"
        ),
        ModelError::NoInversion { file, reason } => format!(
            "{file} 不是文本反转嵌入（{reason}）：请给出 A1111、ComfyUI 或 diffusers 的 CLIP 嵌入"
        ),
        ModelError::OtherInversion {
            file,
            found,
            family,
            width,
        } => format!(
            "{file} 是词宽为 {found} 的文本反转嵌入{}，而此模型的词宽为 {width}：它是为另一类模型训练的；请从提示词中去掉它的名字，或换用同类的模型",
            in_brackets(*family)
        ),
        ModelError::InvalidConfig { file, reason } => {
            format!("{file} 不是有效的配置（{reason}）：请恢复原来的文件")
        }
        ModelError::UnknownClass { file, class, known } => {
            format!("{file} 指定了类“{class}”，此版本不认识它；认识的有 {known}，请选择别的模型")
        }
        ModelError::Unsupported { file, option } => {
            format!("{file} 要求 {option}，此版本无法计算：请选择别的模型")
        }
    }
}

fn other_use(what: OtherUse) -> &'static str {
    match what {
        OtherUse::Lora => {
            "用来改变模型的 LoRA：请先选择模型，把此文件放入模型文件夹的 loras，再在提示词中写 <lora:名字:1>"
        }
        OtherUse::Embedding => "作为提示词中一个词的嵌入：请先选择模型，再写出这个词",
        OtherUse::Upscaler => "放大图片的网络：请在“放大”中使用它",
        OtherUse::ControlNet => "引导模型的 ControlNet：请选择模型",
        OtherUse::Autoencoder => "单独的 VAE：请先选择模型，再把此文件作为它的 VAE",
        OtherUse::TinyAutoencoder => "单独的 TAESD：请先选择模型，再把此文件作为它的 VAE",
        OtherUse::FolderPart => "diffusers 格式文件夹的一部分：请选择含 model_index.json 的文件夹",
        OtherUse::Unknown => {
            "此版本不认识的内容：请选择 Stable Diffusion 1.x、2.x、XL 或 3、FLUX.1 或 Z-Image 的检查点"
        }
    }
}

/// Why a picture cannot be made larger as asked, in the language of the window.
pub fn plan_refused(language: Language, error: &PlanError) -> String {
    match language {
        English => error.to_string(),
        Chinese => plan(error),
    }
}

fn plan(error: &PlanError) -> String {
    let mib = |bytes: u64| bytes.div_ceil(1 << 20);
    match error {
        PlanError::Unfit(Unfit::Unknown { path }) => {
            format!("{path}：不支持写入这种图片；请命名为 .png（保留全部内容）、.webp 或 .jpg")
        }
        PlanError::Unfit(Unfit::TooLarge {
            name,
            longest,
            extent: Extent { width, height },
        }) => format!(
            "{name} 每边最多 {longest} 像素，而结果为 {width}×{height}：请命名为 .png，或选较小的倍数"
        ),
        PlanError::Unfit(Unfit::Transparent { name }) => {
            format!("{name} 不能保存透明度，而这张图片有：请命名为 .png 或 .webp")
        }
        PlanError::Unfit(Unfit::Deep { name }) => {
            format!("{name} 不能保存 16 位，而这张图片是 16 位：请命名为 .png")
        }
        PlanError::Factor {
            from: Extent { width, height },
            factor,
        } => format!("{width}×{height} 不能放大 {factor} 倍：请给出大于 0 且不过大的倍数"),
        PlanError::Memory {
            tile,
            needed,
            allowed,
        } => format!(
            "即使图块只有 {tile} 像素也需要 {} MiB，而只允许 {} MiB：请允许更多内存，或选较小的图片或倍数",
            mib(*needed),
            mib(*allowed)
        ),
        PlanError::Tile {
            tile,
            needed,
            allowed,
            fitting,
        } => {
            let parts = match tile {
                0 => "整张图片一次放大".to_owned(),
                tile => format!("{tile} 像素的图块"),
            };
            format!(
                "{parts}需要 {} MiB，而只允许 {} MiB：请把图块设为至多 {fitting} 像素，或允许更多内存",
                mib(*needed),
                mib(*allowed)
            )
        }
        PlanError::Feather { tile, pad } => format!(
            "{tile} 像素的图块不能在每侧 {pad} 像素上融合：请把图块设为至少 {} 像素，或减小重叠",
            2 * pad
        ),
        PlanError::Channels { channels } => {
            format!("此网络处理 {channels} 个通道的图片，既非灰度也非彩色：请选择别的网络")
        }
    }
}

fn file(error: &FileError) -> String {
    match error {
        FileError::Unreadable { path, reason } => format!("无法读取 {path}：{reason}"),
        FileError::Unwritable { path, reason } => {
            format!("无法写入 {path}：{reason}；请换一个位置")
        }
        FileError::NoRoom { path, needed, free } => format!(
            "{path} 最多需要 {} MiB，而该磁盘只剩 {} MiB：请腾出空间，或换一个位置",
            needed.div_ceil(1 << 20),
            free >> 20
        ),
        FileError::NotReadBack { path, reason } => {
            format!("{path} 写入后无法读回（{reason}），已将其删除：请换一个磁盘")
        }
        FileError::Exists { path } => format!("{path} 已存在：请换一个名字，或允许覆盖"),
        FileError::StateMissing { path } => format!(
            "无法显示历史中的这一状态，因为它的文件 {path} 不见了：请放回该文件，或回到另一状态；画布上的图片保持不变"
        ),
        FileError::StateDamaged { path } => format!(
            "无法显示历史中的这一状态，因为它的文件 {path} 已损坏：请回到另一状态；画布上的图片保持不变"
        ),
        FileError::NotPng { path } => format!(
            "{path} 不是 PNG 文件名，而图片只保存为 PNG：PNG 能保留全部内容，请以 .png 结尾命名"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_the_errors_own_text() {
        let error = FileError::Exists {
            path: "cat.png".to_owned(),
        };
        assert_eq!(failure(English, &error.clone().into()), error.to_string());
        assert_eq!(
            problem(English, &Problem::NoSteps),
            Problem::NoSteps.to_string()
        );
    }

    #[test]
    fn chinese_tells_the_same_names_and_numbers() {
        let size = Problem::SizeNotMultiple {
            width: 100,
            height: 60,
            factor: 8,
        };
        let text = failure(Chinese, &Failure::Recipe(vec![size, Problem::NoPictures]));
        assert!(text.contains("100×60") && text.contains("104×64"), "{text}");
        assert!(text.contains('；'), "{text}");
        let missing = ModelError::FileMissing {
            folder: "models/x".to_owned(),
            file: "unet/config.json".to_owned(),
        };
        let text = failure(Chinese, &missing.into());
        assert!(text.contains("models/x") && text.contains("unet/config.json"));
        let cut = Note::PromptCut {
            window: 77,
            cut: "and so on".to_owned(),
        };
        assert!(note(Chinese, &cut).contains("and so on"));
    }
}
