//! Texts about models: the rows of the table, and those with numbers and names in them.

use super::Language::{self, Chinese, English};
use super::{failures, phrases};
use crate::engine::Failure;
use crate::stock::fetch::{GetError, Progress};
use crate::stock::{Kind, StockError};

/// Has a table made of the given rows and of these.
macro_rules! and_of_models {
    ($table:ident! { $($rows:tt)* }) => {
        and_of_pictures! { $table! {
            $($rows)*

            // The models.
            models: "Models", "模型库";
            models_tip: "See the models you have, and get further ones", "查看已有模型，获取新模型";
            key_models: "Go to Models", "前往模型库";
            find_models: "Search", "搜索";
            find_models_tip: "Words of a name, a family, a kind, a folder or a hash", "名称、系列、类型、文件夹或哈希中的词";
            find_models_hint: "Name, family, kind…", "名称、系列、类型……";
            all_kinds: "All", "全部";
            kind_tip: "Show only these", "只显示这一类";
            refresh_models: "Refresh", "刷新";
            refresh_models_tip: "Look through all folders again", "重新查看所有文件夹";
            looking_for_models: "Looking through the folders…", "正在查看文件夹……";
            no_models: "Nothing here yet: get a model on the left, or add the folder of another program.",
                "这里还没有模型：可在左侧获取，或添加其他程序的文件夹。";
            no_models_found: "Nothing fits this search.", "没有符合的模型。";
            column_name: "Name", "名称";
            column_kind: "Kind", "类型";
            column_family: "Family", "系列";
            column_size: "Size", "大小";
            column_precision: "Precision", "精度";
            column_licence: "Licence", "许可";
            column_where: "Where", "位置";
            look_at_model_tip: "See what is known of it", "查看详细信息";

            // One of them.
            choose_model_hint: "Choose a model to see what is known of it.", "选中一个模型即可查看详情。";
            use_model: "Use this model", "使用此模型";
            use_model_tip: "Draw with it, in Create", "在创作中用它作画";
            hash_model: "Compute hash", "计算哈希";
            hash_model_tip: "SHA-256 of the whole file; of large ones it takes a while", "整个文件的 SHA-256，大文件需要一些时间";
            hashing_model: "computing…", "计算中……";
            copy_hash: "Copy hash", "复制哈希";
            copy_hash_tip: "Copy the SHA-256", "复制 SHA-256";
            reveal_model: "Show in folder", "在文件夹中显示";
            reveal_model_tip: "Show it in the system's file manager", "在系统的文件管理器中显示";
            trigger_words: "Trigger words", "触发词";
            copy_words: "Copy all", "全部复制";
            copy_words_tip: "Copy all trigger words, with commas", "复制所有触发词，以逗号分隔";
            copy_word_tip: "Copy this word", "复制此词";
            metadata: "Metadata", "元数据";
            parameters: "Numbers", "参数量";
            hash: "Hash", "哈希";
            model_picture: "Picture of the model", "模型的图片";

            // Getting.
            get_models: "Get models", "获取模型";
            get_model: "Get", "获取";
            get_model_tip: "Get this model from Hugging Face", "从 Hugging Face 获取此模型";
            repo: "Repository", "仓库";
            repo_tip: "Any repository of Hugging Face, as ORG/NAME or the address of its page; a branch, tag or commit may follow: ORG/NAME@REVISION",
                "Hugging Face 的任意仓库：ORG/NAME 或其网页地址；可指定分支、标签或提交：ORG/NAME@REVISION";
            repo_hint: "org/name", "org/name";
            variant: "Weights", "权重";
            variant_tip: "Which weights come where the repository has several; half the size is as good in most cases",
                "仓库有多种权重时下载哪一种；多数情况下半精度同样好";
            variant_published: "as published", "默认";
            bad_repo: "Write it as ORG/NAME, as its page is called.", "请写成 ORG/NAME，与其网页名称相同。";
            well_known: "Well known", "常用";
            token_known: "Your Hugging Face token is used.", "将使用你的 Hugging Face 令牌。";
            token_unknown: "Without a token; some models ask for one (huggingface-cli login).",
                "没有令牌；部分模型需要（huggingface-cli login）。";
            pause_download: "Pause", "暂停";
            pause_download_tip: "Stop for now; what has come is kept", "暂时停止，已下载的部分会保留";
            go_on_download: "Continue", "继续";
            go_on_download_tip: "Go on where it stopped", "从停下的地方继续";
            cancel_download_tip: "End it and throw away what is not whole", "结束并丢弃未完成的部分";
            download_waits: "waits for those before it", "等待前面的下载";
            download_paused: "paused", "已暂停";
            download_line: "waits for the connection", "等待网络恢复";
            download_begins: "asks what is needed…", "正在查询所需文件……";
            got_model: "here", "已有";

            // Folders.
            model_folders: "Folders", "文件夹";
            model_folder: "Folder", "文件夹";
            add_folder: "Add…", "添加……";
            add_folder_tip: "A folder of ComfyUI or A1111, a Hugging Face cache, any other, or ComfyUI's extra_model_paths.yaml. Nothing is copied.",
                "ComfyUI、A1111 或 Hugging Face 缓存等任意文件夹，或 ComfyUI 的 extra_model_paths.yaml。不会复制任何文件。";
            add_folder_title: "A folder with models, or extra_model_paths.yaml", "模型所在的文件夹，或 extra_model_paths.yaml";
            remove_folder_tip: "Look there no more; nothing in it is touched", "不再查看此处，其中的文件不受影响";
        } }
    };
}

/// What a kind of weights is called.
pub fn kind(language: Language, kind: Kind) -> &'static str {
    match (language, kind) {
        (English, Kind::Checkpoint) => "Model",
        (Chinese, Kind::Checkpoint | Kind::Folder) => "模型",
        (English, Kind::Folder) => "Model folder",
        (English, Kind::Denoiser) => "Denoiser",
        (Chinese, Kind::Denoiser) => "去噪器",
        (_, Kind::Lora) => "LoRA",
        (English, Kind::Embedding) => "Embedding",
        (Chinese, Kind::Embedding) => "嵌入",
        (_, Kind::Vae) => "VAE",
        (English, Kind::TinyVae) => "Tiny VAE",
        (Chinese, Kind::TinyVae) => "微型 VAE",
        (English, Kind::TextEncoder) => "Text encoder",
        (Chinese, Kind::TextEncoder) => "文本编码器",
        (_, Kind::ControlNet) => "ControlNet",
        (English, Kind::Upscaler) => "Upscaler",
        (Chinese, Kind::Upscaler) => "放大",
        (English, Kind::QuickStyle) => "Quick style",
        (Chinese, Kind::QuickStyle) => "快速风格",
        (English, Kind::Other) => "Other",
        (Chinese, Kind::Other) => "其他",
    }
}

/// What a well-known model is for, by the name its row has for it.
pub fn purpose(language: Language, purpose: &str) -> &'static str {
    let (english, chinese) = match purpose {
        "classic" => ("The classic, with the most add-ons", "经典款，扩展最多"),
        "painterly" => ("Illustrations and portraits", "插画与人像"),
        "few_steps" => ("Good pictures in 4 to 8 steps", "4 至 8 步即可成图"),
        "inpainting" => ("Made to fill parts of pictures", "专用于局部重绘"),
        "one_step" => ("Pictures in 1 to 4 steps", "1 至 4 步成图"),
        "larger" => ("768 pixels, other prompts", "768 像素，提示词风格不同"),
        "finest" => ("The finest here, 1024 pixels", "此处最精细，1024 像素"),
        "long_prompts" => ("Follows long prompts", "善于理解长提示词"),
        "four_steps" => (
            "Long prompts and text, in 4 steps",
            "长提示词与文字，4 步成图",
        ),
        "both_languages" => ("English and Chinese, in 8 steps", "中英文提示词，8 步成图"),
        "quick_decoder" => (
            "Decodes in a moment, a little less finely",
            "瞬间解码，略欠精细",
        ),
        _ => ("", ""),
    };
    match language {
        English => english,
        Chinese => chinese,
    }
}

/// `2.1 GB`
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// `860 M`
pub fn numbers(elements: u64) -> String {
    match elements {
        0..1_000_000 => format!("{} k", elements.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} M", elements / 1_000_000),
        _ => format!("{:.1} B", elements as f64 / 1e9),
    }
}

/// `0.4 of 2.1 GB`
pub fn how_far(language: Language, progress: &Progress) -> String {
    let (done, total) = (size(progress.done), size(progress.total));
    match language {
        English => format!("{done} of {total}"),
        Chinese => format!("{done} / {total}"),
    }
}

/// `12 MB/s · 2 min left`
pub fn pace(language: Language, progress: &Progress) -> String {
    let Some(rate) = progress.rate else {
        return String::new();
    };
    let rate = format!("{}/s", size(rate as u64));
    match progress.left() {
        Some(left) => {
            let left = phrases::left(language, left.as_secs_f64());
            format!("{rate} · {left}")
        }
        None => rate,
    }
}

/// `41 GB free`
pub fn free(language: Language, bytes: u64) -> String {
    let size = size(bytes);
    match language {
        English => format!("{size} free"),
        Chinese => format!("剩余 {size}"),
    }
}

/// `12 models` of all that are listed.
pub fn count(language: Language, shown: usize, all: usize) -> String {
    match (language, shown == all) {
        (English, true) => format!("{all} files"),
        (English, false) => format!("{shown} of {all}"),
        (Chinese, true) => format!("共 {all} 个"),
        (Chinese, false) => format!("{shown} / {all}"),
    }
}

/// A model has come.
pub fn came(language: Language, name: &str) -> String {
    match language {
        English => format!("{name} is here"),
        Chinese => format!("{name} 已下载完成"),
    }
}

/// Gets a well-known model.
pub fn get(language: Language, title: &str) -> String {
    match language {
        English => format!("Get {title}"),
        Chinese => format!("获取 {title}"),
    }
}

pub fn pause(language: Language, name: &str) -> String {
    match language {
        English => format!("Pause {name}"),
        Chinese => format!("暂停 {name}"),
    }
}

pub fn go_on(language: Language, name: &str) -> String {
    match language {
        English => format!("Continue {name}"),
        Chinese => format!("继续 {name}"),
    }
}

pub fn cancel(language: Language, name: &str) -> String {
    match language {
        English => format!("Cancel {name}"),
        Chinese => format!("取消 {name}"),
    }
}

pub fn remove_folder(language: Language, path: &str) -> String {
    match language {
        English => format!("Take away the folder {path}"),
        Chinese => format!("移除文件夹 {path}"),
    }
}

/// What is wrong with folders of models.
pub fn stock_problem(language: Language, problem: &StockError) -> String {
    match (language, problem) {
        (English, _) => problem.to_string(),
        (Chinese, StockError::NoFolder { path }) => {
            format!("没有文件夹 {path}：请放回原处，或从列表中移除")
        }
        (Chinese, StockError::NotAFolder { path }) => {
            format!("{path} 是文件：请选择它所在的文件夹，或 ComfyUI 的 extra_model_paths.yaml")
        }
        (Chinese, StockError::BadList { path, reason }) => {
            format!("{path} 不是 ComfyUI 的文件夹列表（{reason}）：请更正，或改选文件夹")
        }
        (Chinese, StockError::Unreadable { path, reason }) => format!("无法读取 {path}：{reason}"),
        (Chinese, StockError::File(error)) => {
            failures::failure(Chinese, &Failure::File(error.clone()))
        }
        (Chinese, StockError::Model(error)) => {
            failures::failure(Chinese, &Failure::Model(error.clone()))
        }
    }
}

/// Why a model does not come.
pub fn get_problem(language: Language, problem: &GetError) -> String {
    match (language, problem) {
        (English, _) => problem.to_string(),
        (Chinese, GetError::BadName { name }) => {
            format!("“{name}”不是模型仓库：请写成 ORG/NAME，与其网页名称相同")
        }
        (Chinese, GetError::NoRepository { repo, endpoint }) => {
            format!("没有仓库 {repo}，或它不公开：请在 {endpoint} 查找名称")
        }
        (Chinese, GetError::NoRevision { repo, revision }) => {
            format!("{repo} 没有版本 {revision}：请留空，或给出分支、标签或提交")
        }
        (Chinese, GetError::NeedsToken { repo, endpoint }) => format!(
            "{repo} 需先接受许可：请在 {endpoint}/{repo} 接受，再用 huggingface-cli login 或 HF_TOKEN 提供令牌"
        ),
        (Chinese, GetError::NotAllowed { repo, endpoint }) => {
            format!("此令牌无权读取 {repo}：请在 {endpoint}/{repo} 接受许可，或换用有权限的令牌")
        }
        (Chinese, GetError::NoWeights { repo }) => format!("{repo} 中没有可用的权重"),
        (Chinese, GetError::NoFile { repo, file, there }) => {
            format!("{repo} 中没有 {file}：现有 {there}")
        }
        (Chinese, GetError::Several { repo, there }) => {
            format!("{repo} 含有多个模型：请指明文件，如 {there}")
        }
        (Chinese, GetError::Line { host, reason }) => {
            format!("与 {host} 的连接失败（{reason}）：已下载的部分会保留，恢复后可继续")
        }
        (Chinese, GetError::Answer { host, reason }) => {
            format!("{host} 的回答无法使用（{reason}）：请稍后再试，或换用 HF_ENDPOINT")
        }
        (Chinese, GetError::WrongBytes { file }) => {
            format!("{file} 两次下载内容都不正确，已丢弃：请稍后再试，或告知仓库所有者")
        }
        (Chinese, GetError::File(error)) => {
            failures::failure(Chinese, &Failure::File(error.clone()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::fetch::CURATED;

    #[test]
    fn every_well_known_model_says_what_it_is_for_in_both_languages() {
        for row in CURATED {
            for (language, _) in Language::ALL {
                assert!(
                    !purpose(language, row.purpose).is_empty(),
                    "{}",
                    row.purpose
                );
            }
        }
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(2_135_000_000), "2.1 GB");
        assert_eq!(size(9_800_000), "9 MB");
        assert_eq!(numbers(859_520_964), "859 M");
    }
}
