//! The table of fixed texts: a row holds a name, its English and its Chinese, so that none can be
//! added in one language alone.

macro_rules! table {
    ($($name:ident: $english:literal, $chinese:literal;)*) => {
        /// The fixed texts of one language; each field is named after what it says.
        #[derive(Debug)]
        pub struct Words {
            $(pub $name: &'static str,)*
        }

        pub(super) const ENGLISH: Words = Words { $($name: $english,)* };
        pub(super) const CHINESE: Words = Words { $($name: $chinese,)* };

        #[cfg(test)]
        pub(super) fn rows() -> Vec<(&'static str, &'static str, &'static str)> {
            vec![$((stringify!($name), $english, $chinese),)*]
        }
    };
}

table! {
    // The rail.
    create: "Create", "创作";
    create_tip: "Make pictures from words (Ctrl+1)", "用文字生成图片（Ctrl+1）";
    settings: "Settings", "设置";
    settings_tip: "Language, theme and keys (Ctrl+,)", "语言、主题与快捷键（Ctrl+,）";

    // The prompt.
    prompt: "Prompt", "提示词";
    prompt_tip: "What the picture should show. Ctrl+Enter makes it.",
        "描述画面内容。按 Ctrl+Enter 生成。";
    prompt_hint: "What should the picture show?", "想要什么样的画面？";
    first_prompt: "a red sailboat on the ocean at sunset, mountains behind",
        "日落时海面上的一艘红色帆船，背后有群山";
    negative_prompt: "Negative prompt", "反向提示词";
    negative_prompt_tip: "What the picture should not show; used when guidance is above 1",
        "不希望出现的内容；引导强度大于 1 时有效";
    negative_hint: "What should it not show?", "不想出现什么？";

    // The model.
    model: "Model", "模型";
    model_tip: "The model that draws the picture. Click to choose another.",
        "用来作画的模型。点击可更换。";
    embedded: "embedded", "内置";
    from_folder: "folder", "文件夹";
    reading_model: "Reading the model…", "正在读取模型…";
    model_unreadable: "cannot be used", "无法使用";
    open_model_folder: "Open model folder…", "打开模型文件夹…";
    open_model_folder_tip: "Use a model in the diffusers layout (a folder with model_index.json)",
        "使用 diffusers 结构的模型（含 model_index.json 的文件夹）";

    // The picture.
    picture: "Picture", "画面";
    width: "Width", "宽度";
    height: "Height", "高度";
    width_tip: "Width in pixels; arithmetic such as 64*3 works", "宽度（像素），可输入算式，如 64*3";
    height_tip: "Height in pixels; arithmetic such as 64*3 works", "高度（像素），可输入算式，如 64*3";
    ratio_tip: "Set width and height to this shape", "按此比例设置宽和高";
    steps: "Steps", "步数";
    steps_tip: "How often the picture is refined. More steps take longer; about 20 are usual. Double-click for 20.",
        "逐步去噪的次数。越多越慢，通常 20 步左右。双击恢复 20。";
    guidance: "Guidance", "引导强度";
    guidance_tip: "How closely the picture follows the prompt: 4 to 8 is usual, 1 ignores the negative prompt. Double-click for 4.",
        "画面贴合提示词的程度：通常 4 到 8，为 1 时反向提示词无效。双击恢复 4。";
    pictures: "Pictures", "张数";
    pictures_tip: "How many pictures to make, each with the next seed. Double-click for 1.",
        "一次生成的张数，种子依次加一。双击恢复 1。";
    seed: "Seed", "种子";
    seed_tip: "The number the noise is made from: the same seed and settings give the same picture. Typing one locks it.",
        "决定初始噪声的数字：种子与设置相同，画面就相同。手动输入后自动锁定。";
    dice: "New seed", "换一个种子";
    dice_tip: "Draw another seed now (Ctrl+D)", "立即随机换一个种子（Ctrl+D）";
    lock: "Keep seed", "固定种子";
    lock_on_tip: "Locked: every run uses this seed. Click to draw a new one for each run (Ctrl+L)",
        "已锁定：每次都用此种子。点击后每次随机（Ctrl+L）";
    lock_off_tip: "Unlocked: every run draws a new seed. Click to keep this one (Ctrl+L)",
        "未锁定：每次随机换种子。点击可固定（Ctrl+L）";
    sampler: "Sampler", "采样器";
    sampler_tip: "The method that walks from noise to picture", "从噪声走到画面的方法";
    schedule: "Schedule", "调度";
    schedule_tip: "How the noise is spread over the steps: the model's own way, or Karras",
        "噪声在各步之间的分配方式：模型自带或 Karras";

    // Making.
    generate: "Generate", "生成";
    generate_tip: "Make the picture (Ctrl+Enter). While another is made, it waits in the queue.",
        "生成图片（Ctrl+Enter）。正在生成时会加入队列。";
    queue_next: "Queue it", "加入队列";
    generate_key: "Ctrl ↵", "Ctrl ↵";
    stop: "Stop", "停止";
    stop_tip: "Stop now and keep the picture as it is (Esc)", "立即停止，保留当前画面（Esc）";
    discard: "Discard", "丢弃";
    discard_tip: "Stop now and keep nothing of this picture (Shift+Esc)",
        "立即停止，不保留这张图（Shift+Esc）";
    stopping: "Stopping…", "正在停止…";
    starting: "Starting…", "正在启动…";
    loading_model: "Loading the model…", "正在加载模型…";
    encoding_prompt: "Reading the prompt…", "正在理解提示词…";
    encoding_picture: "Reading the picture…", "正在读取图片…";
    denoising: "Denoising…", "正在去噪…";
    decoding: "Decoding the picture…", "正在解码画面…";
    saving: "Saving…", "正在保存…";
    progress: "Progress", "进度";
    dismiss: "Dismiss", "关闭提示";
    dismiss_tip: "Take this message away", "关闭这条消息";

    // The canvas and its bar.
    canvas: "Canvas", "画布";
    zoom_out: "Zoom out", "缩小";
    zoom_out_tip: "Make the picture smaller (-)", "缩小画面（-）";
    zoom_in: "Zoom in", "放大";
    zoom_in_tip: "Make the picture larger (+)", "放大画面（+）";
    actual_size: "Actual size", "实际大小";
    actual_size_tip: "One pixel of the picture per pixel of the screen (1)", "按原始像素显示（1）";
    fit: "Fit", "适应";
    fit_tip: "Show the whole picture (0)", "显示整幅画面（0）";
    save_as: "Save as…", "另存为…";
    save_as_tip: "Write the picture with its recipe to a file (Ctrl+S)", "将图片和配方另存为文件（Ctrl+S）";
    copy_image: "Copy", "复制";
    copy_image_tip: "Copy the picture to the clipboard (Ctrl+Shift+C)", "复制图片到剪贴板（Ctrl+Shift+C）";
    reveal: "Reveal", "定位";
    reveal_tip: "Show the file in its folder (Ctrl+Shift+R)", "在文件夹中显示（Ctrl+Shift+R）";
    empty_canvas: "Your picture appears here", "图片将在这里出现";
    empty_canvas_hint: "Press Generate, or drop a picture made here to take over its settings",
        "点击“生成”，或拖入此前生成的图片以恢复其设置";
    drop_here: "Drop to open it and take over its settings", "松开即可打开，并恢复它的设置";

    // The right panel.
    this_run: "This run", "本次";
    waiting: "waiting", "等待中";
    queue: "Queue", "队列";
    queue_empty: "Nothing waits.", "没有等待的任务。";
    move_up: "Move up", "上移";
    move_down: "Move down", "下移";
    remove: "Remove", "移除";
    move_up_tip: "Make it earlier", "提前";
    move_down_tip: "Make it later", "推后";
    remove_tip: "Take it out of the queue", "从队列中移除";
    recipe: "Recipe", "配方";
    copy_recipe: "Copy recipe", "复制配方";
    copy: "Copy", "复制";
    copy_recipe_tip: "Copy the recipe as text that other tools read, too", "将配方复制为文本，其他工具也能读取";
    use_recipe: "Use", "使用";
    use_recipe_name: "Use recipe", "使用配方";
    use_recipe_tip: "Take over all settings of this picture (Ctrl+R)", "恢复这张图片的全部设置（Ctrl+R）";
    size: "Size", "尺寸";
    stopped: "Stopped", "已停止";
    made_from: "Made from", "来源";
    no_recipe: "The file does not say how it was made.", "文件中没有生成信息。";
    recipe_empty: "The settings of the picture you look at.", "这里显示当前图片的设置。";
    run_empty: "Pictures of the run appear here.", "本次生成的图片显示在这里。";

    // The filmstrip.
    filmstrip_empty: "Finished pictures line up here.", "完成的图片会排列在这里。";
    picture_tip: "Click to look at it; ← → go along", "点击查看；← → 切换";
    not_saved_mark: "not saved", "未保存";

    // The status line.
    ready: "ready", "就绪";
    working: "working", "运行中";
    not_ready: "not ready", "未就绪";
    saved: "Saved", "已保存";
    not_saved: "Not saved", "未保存";
    language_toggle: "EN / 中文", "EN / 中文";
    language_tip: "换成简体中文", "Switch to English";
    made_from_another: "Settings taken over; the picture this one was made from is not in the file",
        "已恢复设置；但文件中没有它所依据的原图";
    made_here: "Settings taken over from this picture", "已恢复此图片的设置";
    undo: "Undo", "撤销";
    undo_tip: "Bring the former settings back (Ctrl+Z outside of text)", "恢复之前的设置（在文本框外按 Ctrl+Z）";
    no_recipe_in_file: "This file does not say how it was made; your settings stay as they are",
        "文件中没有生成信息，设置保持不变";
    copied: "Copied", "已复制";

    // Choosing files.
    open_picture: "Open picture", "打开图片";
    path: "Path", "路径";
    path_tip: "Type or paste a path; Enter confirms, Esc leaves", "输入或粘贴路径；Enter 确认，Esc 取消";
    browse: "Browse…", "浏览…";
    browse_tip: "Choose in the system's dialog", "在系统对话框中选择";
    open: "Open", "打开";
    open_tip: "Open a picture and take over its settings (Ctrl+O)", "打开图片并恢复其设置（Ctrl+O）";
    save: "Save", "保存";
    replace: "Replace", "替换";
    replace_tip: "Write over the existing file", "覆盖已有文件";
    cancel: "Cancel", "取消";
    cancel_tip: "Leave everything as it is (Esc)", "不做任何更改（Esc）";
    confirm_tip: "Do it (Enter)", "确认（Enter）";
    pictures_filter: "Pictures", "图片";

    // Settings.
    language: "Language", "语言";
    theme: "Theme", "主题";
    theme_system: "System", "跟随系统";
    theme_dark: "Dark", "深色";
    theme_light: "Light", "浅色";
    language_choice_tip: "The language of the whole window", "整个窗口的语言";
    theme_tip: "Colours of the window", "窗口的配色";
    scale: "Size of everything", "界面大小";
    scale_tip: "How large text and controls are (Ctrl++ and Ctrl+-)", "文字和控件的大小（Ctrl++ 与 Ctrl+-）";
    pictures_folder: "Folder of pictures", "图片文件夹";
    reveal_folder: "Open folder", "打开文件夹";
    reveal_folder_tip: "Show the folder in the system's file manager", "在系统文件管理器中显示";
    keys: "Keys", "快捷键";
    close: "Close", "关闭";
    close_tip: "Close this sheet (Esc)", "关闭（Esc）";
    settings_not_saved: "Settings were not saved", "设置未能保存";

    // Names of shortcuts.
    key_generate: "Generate", "生成";
    key_stop: "Stop and keep", "停止并保留";
    key_discard: "Stop and discard", "停止并丢弃";
    key_open: "Open a picture", "打开图片";
    key_save_as: "Save as", "另存为";
    key_copy_image: "Copy the picture", "复制图片";
    key_reveal: "Reveal the file", "定位文件";
    key_use_recipe: "Use the recipe shown", "使用当前配方";
    key_dice: "New seed", "换一个种子";
    key_lock: "Keep the seed", "固定种子";
    key_panels: "Hide the panels", "隐藏面板";
    key_panels_tab: "The same, when nothing has the focus", "同上（无焦点时）";
    closing_loses: "A picture is not saved yet: save it, or close again to lose it",
        "有图片尚未保存：请先保存，再次关闭将丢失该图片";
    closing_ends: "A picture is still being made: close again to end it and what waits",
        "仍在生成图片：再次关闭将结束当前任务和队列";
    key_focus: "Back to the controls", "回到控件";
    key_neighbours: "Picture before, after", "上一张、下一张";
    key_zoom: "Zoom; fit; actual size", "缩放、适应、实际大小";
    key_full_screen: "Full screen", "全屏";
    key_help: "These keys", "快捷键表";
}
