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

and_of_models! { table! {
    // The rail.
    create: "Create", "创作";
    create_tip: "Make pictures from words", "用文字生成图片";
    settings: "Settings", "设置";
    settings_tip: "Language, theme and keys", "语言、主题与快捷键";

    // The prompt.
    prompt: "Prompt", "提示词";
    prompt_tip: "What the picture should show. Ctrl+↑ and Ctrl+↓ weigh the word at the cursor, or what is marked.",
        "描述画面内容。Ctrl+↑ 和 Ctrl+↓ 调整光标处的词或所选文字的权重。";
    prompt_hint: "What should the picture show?", "想要什么样的画面？";
    first_prompt: "a red sailboat on the ocean at sunset, mountains behind",
        "日落时海面上的一艘红色帆船，背后有群山";
    negative_prompt: "Negative prompt", "反向提示词";
    negative_prompt_tip: "What the picture should not show; used when guidance is above 1",
        "不希望出现的内容；引导强度大于 1 时有效";
    negative_hint: "What should it not show?", "不想出现什么？";

    // How prompts are read.
    reading: "Prompt reading", "提示词读法";
    reading_tip: "Whose syntax the prompts are in, and which layer of the text encoder is listened to",
        "提示词采用哪种语法，以及取文本编码器的哪一层";
    emphasis: "Syntax", "语法";
    emphasis_a1111_tip: "(word:1.2) and [word] weigh, [from:to:when] and [a|b] change with the steps, BREAK and AND; long prompts take several chunks, and the embeddings' mean stays",
        "(词:1.2) 与 [词] 调整权重，[前:后:时机] 与 [a|b] 随步数变化，支持 BREAK 与 AND；长提示词分段读取，并保持嵌入的均值";
    emphasis_no_norm_tip: "A1111's syntax, but the embeddings' mean may move", "A1111 的语法，但不保持嵌入的均值";
    emphasis_comfy_tip: "As in ComfyUI: only (word:1.2), weighed against an empty prompt; nested weights are absolute",
        "与 ComfyUI 相同：只有 (词:1.2)，相对空提示词加权；嵌套的权重取绝对值";
    emphasis_none_tip: "Every sign is text, as in diffusers; what is longer than the model's window is left out",
        "所有符号都当作文字，与 diffusers 相同；超出模型窗口的部分会被舍去";
    clip_skip: "Clip skip", "CLIP 跳层";
    clip_skip_tip: "Which layer of the text encoder is listened to: 1 is the last, 2 the one before, which many anime models want. Double-click for 1.",
        "取文本编码器的哪一层：1 为最后一层，2 为倒数第二层，许多动漫模型需要 2。双击恢复 1。";
    told_size: "Told size", "告知的尺寸";
    told_size_tip: "What Stable Diffusion XL is told of the picture's size: a small original looks enlarged, a crop cuts off what is beyond it",
        "告诉 Stable Diffusion XL 的图片尺寸：原图小则显得被放大，裁切则缺少边缘之外的内容";
    size_as_drawn: "As drawn", "与画面相同";
    size_as_drawn_tip: "Tell the size the picture is drawn at, not cut", "告知实际绘制的尺寸，且未裁切";
    told_original: "Original", "原图";
    told_original_tip: "The original's width and height, before it was made smaller and cut", "缩小与裁切之前原图的宽与高";
    told_crop: "Cut off", "裁去";
    told_crop_tip: "Pixels cut off at the left and at the top", "左侧与顶部裁去的像素";
    told_target: "Left over", "保留";
    told_target_tip: "Width and height of what was left", "保留部分的宽与高";
    of_loras: "LoRA", "LoRA";
    of_embeddings: "embedding", "嵌入";
    of_wildcards: "wildcard", "通配符";

    // The model.
    model: "Model", "模型";
    model_tip: "The model that draws the picture. Click to choose another.",
        "用来作画的模型。点击可更换。";
    embedded: "embedded", "内置";
    from_folder: "folder", "文件夹";
    from_file: "file", "文件";
    reading_model: "Reading the model…", "正在读取模型…";
    model_unreadable: "cannot be used", "无法使用";
    open_model_file: "Open model file…", "打开模型文件…";
    open_model_file_tip: "Use a checkpoint in one file (.safetensors, .ckpt or .gguf)",
        "使用单个文件的检查点（.safetensors、.ckpt 或 .gguf）";
    open_vae: "Open VAE file…", "打开 VAE 文件…";
    open_vae_tip: "Let another VAE than the model's own make the pictures",
        "用模型自带以外的 VAE 生成图片";
    own_vae_tip: "Go back to the model's own VAE", "恢复使用模型自带的 VAE";
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
    guidance_tip: "How closely the picture follows the prompt: 2 to 8 is usual, 1 ignores the negative prompt. Double-click for the model's own.",
        "画面贴合提示词的程度：通常 2 到 8，为 1 时反向提示词无效。双击恢复模型的默认值。";
    pictures: "Pictures", "张数";
    pictures_tip: "How many pictures to make, each with the next seed. Double-click for 1.",
        "一次生成的张数，种子依次加一。双击恢复 1。";
    seed: "Seed", "种子";
    seed_tip: "The number the noise is made from: the same seed and settings give the same picture. Typing one locks it.",
        "决定初始噪声的数字：种子与设置相同，画面就相同。手动输入后自动锁定。";
    dice: "New seed", "换一个种子";
    dice_tip: "Draw another seed now", "立即随机换一个种子";
    lock: "Keep seed", "固定种子";
    lock_on_tip: "Locked: every run uses this seed. Click to draw a new one for each run",
        "已锁定：每次都用此种子。点击后每次随机";
    lock_off_tip: "Unlocked: every run draws a new seed. Click to keep this one",
        "未锁定：每次随机换种子。点击可固定";
    sampler: "Sampler", "采样器";
    sampler_tip: "The method that walks from noise to picture", "从噪声走到画面的方法";
    schedule: "Schedule", "调度";
    schedule_tip: "How the noise is spread over the steps: the model's own way, or another",
        "噪声在各步之间的分配方式：模型自带或其他";
    random_noise: "Noise", "噪声";
    random_noise_tip: "Whose random numbers the noise is made of: CPU as diffusers and ComfyUI draw it, NV as NVIDIA's devices do and with them A1111. The same seed gives another picture with either",
        "噪声取自哪种随机数：CPU 与 diffusers、ComfyUI 相同；NV 与英伟达显卡及 A1111 相同。同一种子在两者下画面不同";
    noise_source: "Source", "来源";
    variation: "Variation", "变化";
    variation_tip: "How far the picture moves from that of the seed towards that of another one: 0 not at all, about 0.2 changes details. Of several pictures each goes towards the next one. Double-click for 0.",
        "画面从此种子向另一种子移动的程度：0 为不变，约 0.2 改变细节。一次生成多张时，每张依次移向下一个种子。双击恢复 0。";
    variation_seed: "Variation seed", "变化种子";
    variation_seed_tip: "The number of the seed the picture moves towards", "画面移向的那个种子";

    // Speed.
    speed: "Speed", "速度";
    speed_tip: "Ways to compute less for a similar picture, what they save and what they cost",
        "以少量画质换取更少的计算：可节省多少、代价多大";
    guide_from: "Guide from", "引导起点";
    guide_from_tip: "From which part of the steps on guidance is computed, 0 being the start. A step without it is half the work; without it the first ones change the picture most. Double-click for 0.",
        "从步数的哪一处开始计算引导，0 为开头。不引导的步只需一半计算；开头几步不引导，画面变化最大。双击恢复 0。";
    guide_until: "Guide until", "引导终点";
    guide_until_tip: "Up to which part of the steps guidance is computed, 1 being the end. A step without it is half the work, and the last ones need it least. Double-click for 1.",
        "引导计算到步数的哪一处为止，1 为结尾。不引导的步只需一半计算，最后几步最不需要引导。双击恢复 1。";
    step_cache: "Step cache", "缓存间隔";
    step_cache_tip: "One step of so many computes the whole network, the others its outermost layers alone. 1 computes every step whole. Double-click for 1.",
        "每隔多少步完整计算一次网络，其余各步只计算最外层。1 为每步都完整计算。双击恢复 1。";
    measured: "Average differences, as measured with Sprout.", "平均差异，以 Sprout 实测。";
    weight_bits: "Weights", "权重";
    weight_bits_tip: "How the model's weights are kept in memory: as the file stores them; in half precision; or those of its transformers in 8 bits. Fewer bits take less memory and change the picture slightly.",
        "模型权重在内存中的精度：与文件相同；半精度；或仅将 transformer 的权重存为 8 位。位数越少占用内存越少，画面略有变化。";
    weights_already: "The file stores no more bits: this changes nothing.", "文件本身的位数不多于此：此项不起作用。";
    decode_tile: "Decode tile", "解码图块";
    decode_tile_tip: "Pixels of a side of the tiles the picture is decoded in: smaller ones take less memory, and change colours slightly. 0 decodes it as a whole where that fits. Double-click for 0.",
        "解码图片时图块每边的像素数：图块越小占用内存越少，颜色略有变化。0 表示内存足够时整张解码。双击恢复 0。";
    unguided: "Guidance is 1 or less: this changes nothing.", "引导强度不大于 1：此项不起作用。";

    // Making.
    generate: "Generate", "生成";
    generate_tip: "Make the picture; while another is made, it waits in the queue",
        "生成图片；正在生成时会加入队列";
    live: "Live", "实时";
    live_tip: "A picture of few steps follows every change of the prompt and the sliders; the one before is left. It is not saved: Generate makes it whole, from the same seed",
        "提示词和滑块一有变化，就用少量步数重新画出，并放弃上一张。这些画面不会保存：点“生成”会用同一种子完整画出";
    queue_next: "Queue it", "加入队列";
    stop: "Stop", "停止";
    stop_tip: "Stop now and keep the picture as it is", "立即停止，保留当前画面";
    discard: "Discard", "丢弃";
    discard_tip: "Stop now and keep nothing of this picture",
        "立即停止，不保留这张图";
    stopping: "Stopping…", "正在停止…";
    starting: "Starting…", "正在启动…";
    loading_model: "Loading the model…", "正在加载模型…";
    encoding_prompt: "Reading the prompt…", "正在理解提示词…";
    encoding_picture: "Reading the picture…", "正在读取图片…";
    denoising: "Denoising…", "正在去噪…";
    decoding: "Decoding the picture…", "正在解码画面…";
    removing: "Filling from around…", "正在用周围内容填补…";
    styling: "Taking over the style…", "正在迁移风格…";
    saving: "Saving…", "正在保存…";
    progress: "Progress", "进度";
    dismiss: "Dismiss", "关闭提示";
    dismiss_tip: "Take this message away", "关闭这条消息";

    // The canvas and its bar.
    canvas: "Canvas", "画布";
    zoom_out: "Zoom out", "缩小";
    zoom_out_tip: "Make the picture smaller", "缩小画面";
    zoom_in: "Zoom in", "放大";
    zoom_in_tip: "Make the picture larger", "放大画面";
    actual_size: "Actual size", "实际大小";
    actual_size_tip: "One pixel of the picture per pixel of the screen", "按原始像素显示";
    fit: "Fit", "适应";
    fit_tip: "Show the whole picture", "显示整幅画面";
    save_as: "Save as…", "另存为…";
    save_as_tip: "Write the picture with its recipe to a file", "将图片和配方另存为文件";
    copy_image: "Copy", "复制";
    copy_image_tip: "Copy the picture to the clipboard", "复制图片到剪贴板";
    reveal: "Reveal", "定位";
    reveal_tip: "Show the file in its folder", "在文件夹中显示";
    canvas_tip: "Paint a mask on a picture; fill, change, remove",
        "在图片上涂抹遮罩：填充、重绘、去除";
    empty_canvas: "Your picture appears here", "图片将在这里出现";
    empty_canvas_hint: "Press Generate, or drop a picture made here to take over its settings",
        "点击“生成”，或拖入此前生成的图片以恢复其设置";
    drop_here: "Drop to open it and take over its settings", "松开即可打开，并恢复它的设置";

    // The easel.
    fill: "Fill", "填充";
    fill_tip: "Paint what is masked anew, by a prompt", "按提示词重绘遮罩部分";
    change: "Change", "重绘";
    change_tip: "Paint the whole picture anew, by a prompt", "按提示词重绘整张图片";
    erase_thing: "Remove", "去除";
    erase_thing_tip: "Make what is masked disappear, without a prompt", "无需提示词，去掉遮罩里的东西";
    remove_hint: "Mask what should disappear. It is filled from the picture itself, in every way there is: accept the best.",
        "涂抹想去掉的东西，程序用图片自身的内容以每种方法填补，挑选最好的即可。";
    extend: "Extend", "扩展";
    extend_tip: "Add room around the picture, to be filled", "在图片四周增加空间，再进行填充";
    extend_hint: "Drag the picture's edges outward, or type how much to add. The new room is masked, ready to be filled.",
        "向外拖动图片的边缘，或输入增加的大小。新空间会自动成为遮罩，可直接填充。";
    extend_button: "Add room", "增加空间";
    new_size: "Size", "尺寸";
    size_picture: "Like the picture", "与原图相同";
    size_picture_tip: "The picture's own size; of a very large picture, the size the model draws best",
        "与原图尺寸相同；若原图很大，则用模型最擅长的尺寸";
    size_create_tip: "The size set in Create", "使用“创作”中设置的尺寸";
    other_shape: "If the shape is another", "比例不同时";
    shape_crop: "Crop", "裁切";
    shape_crop_tip: "The picture covers the new size; what sticks out is cut off", "图片铺满新尺寸，超出的部分裁去";
    shape_fill: "Fill edges", "补边";
    shape_fill_tip: "The picture fits into the new size; its edges' colours fill the rest",
        "图片完整放入新尺寸，空余处用边缘颜色填满";
    shape_stretch: "Stretch", "拉伸";
    shape_stretch_tip: "The picture is stretched to the new size", "将图片拉伸到新尺寸";
    crop: "Crop", "裁剪";
    crop_tip: "Keep a part of the picture", "只保留画面的一部分";
    crop_hint: "Pull the picture's edges or corners inward, or type how much to cut. It can be undone.",
        "向内拖动图片的边缘或四角，或输入要裁去的大小。可以撤销。";
    crop_button: "Cut the picture", "裁剪图片";
    cut_tip: "Pixels to be cut off on this side", "此边裁去的像素数";
    room_left: "Left", "左";
    room_top: "Top", "上";
    room_right: "Right", "右";
    room_bottom: "Bottom", "下";
    room_tip: "Pixels to add on this side", "此侧增加的像素数";
    overlay: "Overlay", "遮罩显示";
    overlay_tip: "How strongly the mask's colour covers the picture", "遮罩颜色覆盖图片的强度";
    overlay_color: "Mask colour", "遮罩颜色";
    overlay_color_tip: "The colour the mask is shown in", "遮罩显示的颜色";
    fill_with: "Fill with", "填充内容";
    fill_with_tip: "What the masked part should show.", "遮罩部分要画的内容。";
    change_into: "Change into", "重绘为";
    change_into_tip: "What the picture should become.", "图片要变成的样子。";
    drop_on_easel: "Drop to work on it", "松开即可在画布上编辑";
    fill_button: "Fill the mask", "填充遮罩";
    change_button: "Change the picture", "重绘图片";
    remove_button: "Remove what is masked", "去除遮罩内容";
    mask_first: "Paint over what should change; then press the button.", "先涂抹要改变的地方，再按此按钮。";
    fill_button_tip: "Do it; the picture stays until a result is accepted",
        "开始；采纳结果之前，原图保持不变";
    tools: "Tools", "工具";
    tools_hint: "Alt erases · Shift draws a line", "Alt 擦除 · Shift 画直线";
    brush: "Brush", "画笔";
    brush_tip: "Paint the mask", "涂抹遮罩";
    eraser: "Eraser", "橡皮";
    eraser_tip: "Take away from the mask", "擦除遮罩";
    rectangle: "Rectangle", "矩形";
    rectangle_tip: "Mask a rectangle", "框选矩形";
    lasso: "Lasso", "套索";
    lasso_tip: "Mask what you draw around", "套索选取";
    polygon: "Polygon", "多边形";
    flood: "Colour", "同色";
    flood_tip: "Mask all of one colour around a click; with Shift wherever it is", "点选相连的同色区域；按住 Shift 选取全图同色";
    smart: "Smart", "智能";
    smart_tip: "Click a thing, or draw a rectangle around it, to mask it",
        "点击物体，或框住它，即可选中";
    reshaping: "Working on it…", "正在处理…";
    room_too_large: "That would be more pixels than fit in memory; add less at once", "画面会超出内存，请减少一次增加的大小";
    selecting: "Looking for the thing…", "正在识别物体…";
    move_tool: "Move", "移动";
    move_tool_tip: "Move the picture", "移动画面";
    brush_size: "Size", "大小";
    brush_size_tip: "Diameter in pixels of the picture", "直径，以图片像素计";
    hardness: "Hardness", "硬度";
    hardness_tip: "How much of the brush covers fully, before it fades", "画笔完全覆盖的部分，其外渐隐";
    opacity: "Opacity", "不透明度";
    opacity_tip: "How strongly the tool masks", "遮罩的强度";
    tolerance: "Tolerance", "容差";
    tolerance_tip: "How different a colour may be and still count as the same", "颜色相差多少仍算相同";
    mask: "Mask", "遮罩";
    compare: "Compare", "对比";
    compare_tip: "Pull a line between the picture and what was there before",
        "拖动分隔线，与之前的画面对比";
    compare_line: "Line between before and after", "前后对比分隔线";
    compare_line_tip: "Drag it, or move it with the arrow keys: the left of it is as it was before",
        "可拖动，也可用方向键移动：左侧为之前的画面";
    before: "Before", "之前";
    after: "After", "之后";
    mask_shown_tip: "Show or hide the mask", "显示或隐藏遮罩";
    clear: "Clear", "清除";
    clear_tip: "Mask nothing", "清空遮罩";
    invert: "Invert", "反选";
    invert_tip: "Mask what was not, and the other way round", "遮罩与未遮罩互换";
    grow: "Grow", "扩大";
    grow_tip: "Make the mask larger on all sides", "向四周扩大遮罩";
    shrink: "Shrink", "缩小";
    shrink_tip: "Make the mask smaller on all sides", "向内缩小遮罩";
    feather: "Feather", "羽化";
    feather_tip: "Make the mask's edge fade", "让遮罩边缘渐变";
    amount: "By how much", "幅度";
    amount_tip: "Pixels by which the mask grows, shrinks or fades", "扩大、缩小或羽化的像素数";
    pixels: "px", "像素";
    load_mask: "Load mask…", "载入遮罩…";
    load_mask_tip: "Read a mask from a picture: white is repainted, or what is transparent",
        "从图片读取遮罩：白色（或透明处）将被重绘";
    save_mask: "Save mask…", "保存遮罩…";
    save_mask_tip: "Write the mask as a picture: white is repainted", "将遮罩存为图片：白色表示重绘";
    mask_too_different: "The mask has another size than the picture: choose one of the same size",
        "遮罩与图片大小不同：请选择同样大小的遮罩";
    inside_mask: "Inside the mask", "遮罩之内";
    strength: "Strength", "重绘幅度";
    strength_tip: "How much is painted anew: at 1 nothing is left of what was there",
        "重绘的程度：为 1 时不保留原内容";
    mask_edge: "Soft edge", "边缘柔化";
    mask_edge_tip: "Pixels over which the new part fades into the old", "新旧内容过渡的像素数";
    start_from: "Start from", "起始内容";
    original: "Original", "原图";
    original_tip: "What is there now", "现有内容";
    colors_around: "Colours around", "周围颜色";
    colors_around_tip: "The colours around the mask, flowing in", "遮罩周围的颜色";
    noise: "Noise", "噪声";
    noise_tip: "Noise alone", "仅噪声";
    nothing: "Nothing", "空白";
    nothing_tip: "An empty place", "空白";
    area: "Area", "重绘范围";
    area_auto: "Auto", "自动";
    area_auto_tip: "The whole picture, or only the mask where the picture is large",
        "整张图片；图片很大时只取遮罩附近";
    area_whole: "Whole picture", "整张图片";
    area_whole_tip: "The model sees the whole picture at its own size", "模型看到整张图片，按原尺寸";
    area_mask: "Only the mask", "仅遮罩";
    area_mask_tip: "The model sees the mask and what is around it, at its best size",
        "模型只看遮罩及其周围，按最佳尺寸";
    padding: "Around it", "周围";
    padding_tip: "Pixels around the mask that the model sees", "模型能看到的遮罩周围像素数";
    match_colors: "Match colours at the seam", "匹配接缝颜色";
    match_colors_tip: "Move the new part's colours to those around it", "让新内容的颜色与周围一致";
    on: "on", "开";
    off: "off", "关";
    redo: "Redo", "重做";
    redo_tip: "Do again what was undone", "重做";
    undo_step_tip: "Take back the last thing done", "撤销上一步";
    outside_stays: "Everything outside the mask and its soft edge stays bit for bit.", "遮罩及其柔化边缘之外，每个像素都原样保留。";
    candidates: "Results", "结果";
    candidates_empty: "What you fill, change or remove appears here, to accept or leave.",
        "填充、重绘或去除的结果显示在这里，可采纳或放弃。";
    accept: "Accept", "采纳";
    accept_tip: "Go on with this result", "以此结果继续";
    refine: "Refine", "细化";
    refine_tip: "Go on with this result and keep the mask", "以此结果继续，并保留遮罩";
    dismiss_all: "Leave", "放弃";
    dismiss_all_tip: "Back to the picture; the results stay in the library", "回到原图；结果仍保存在图库中";
    history: "History", "历史";
    history_hint: "every state is kept", "每个状态都会保留";
    history_tip: "Go back to this state", "回到此状态";

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
    use_recipe_tip: "Take over all settings of this picture", "恢复这张图片的全部设置";
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
    undo_tip: "Bring the former settings back", "恢复之前的设置";
    no_recipe_in_file: "This file does not say how it was made; your settings stay as they are",
        "文件中没有生成信息，设置保持不变";
    pasted: "Pasted, and saved to the library", "已粘贴并保存到图库";
    copied: "Copied", "已复制";

    // Choosing files.
    open_picture: "Open picture", "打开图片";
    path: "Path", "路径";
    path_tip: "Type or paste a path; Enter confirms", "输入或粘贴路径；Enter 确认";
    browse: "Browse…", "浏览…";
    browse_tip: "Choose in the system's dialog", "在系统对话框中选择";
    open: "Open", "打开";
    open_tip: "Open a picture and take over its settings", "打开图片并恢复其设置";
    save: "Save", "保存";
    replace: "Replace", "替换";
    replace_tip: "Write over the existing file", "覆盖已有文件";
    cancel: "Cancel", "取消";
    cancel_tip: "Leave everything as it is", "不做任何更改";
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
    memory_for_drawing: "Memory for drawing", "绘图内存";
    memory_limit: "Limit, GB", "上限，GB";
    memory_limit_none: "0: what is free", "0：可用的内存";
    memory_limit_tip: "Gigabytes the studio may hold while it draws; what does not fit as it is asked for is decoded in tiles or drawn with half weights. 0 takes what is free. Double-click for 0.",
        "绘图时可占用的内存（GB）；放不下时会分块解码，或以半精度保存权重。0 表示使用空闲内存。双击恢复 0。";
    threads: "Threads that compute", "计算线程";
    threads_tip: "Fewer leave room for other programs; pictures come out the same, only later", "线程少些，给其他程序留余地；图片完全一样，只是慢一些";
    scale: "Size of everything", "界面大小";
    scale_tip: "How large text and controls are", "文字和控件的大小";
    pictures_folder: "Folder of pictures", "图片文件夹";
    reveal_folder: "Open folder", "打开文件夹";
    reveal_folder_tip: "Show the folder in the system's file manager", "在系统文件管理器中显示";
    keys: "Keys", "快捷键";
    close: "Close", "关闭";
    close_tip: "Close this sheet", "关闭";
    settings_not_saved: "Settings were not saved", "设置未能保存";

    // Closing the window.
    closing_loses: "A picture is not saved yet: save it, or close again to lose it",
        "有图片尚未保存：请先保存，再次关闭将丢失该图片";
    closing_ends: "A picture is still being made: close again to end it and what waits",
        "仍在生成图片：再次关闭将结束当前任务和队列";

    // Names of commands that nothing else has a name for.
    key_generate: "Generate", "生成";
    key_stop: "Stop and keep", "停止并保留";
    key_discard: "Stop and discard", "停止并丢弃";
    key_close: "Close, or leave off drawing", "关闭，或放弃勾画";
    key_open: "Open a picture", "打开图片";
    key_save_as: "Save as", "另存为";
    key_copy_image: "Copy the picture", "复制图片";
    key_reveal: "Reveal the file", "定位文件";
    key_use_recipe: "Use the recipe shown", "使用当前配方";
    key_crop: "Crop the picture", "裁剪图片";
    key_compare: "Compare with what was before", "与之前的画面对比";
    key_dice: "New seed", "换一个种子";
    key_lock: "Keep the seed", "固定种子";
    key_create: "Go to Create", "前往创作";
    key_canvas: "Go to Canvas", "前往画布";
    key_settings: "Go to Settings", "前往设置";
    key_panels: "Hide the panels", "隐藏面板";
    key_full_screen: "Full screen", "全屏";
    key_larger: "Everything larger", "界面放大";
    key_smaller: "Everything smaller", "界面缩小";
    key_usual_size: "Everything at its usual size", "界面恢复原大小";
    key_help: "These keys", "快捷键表";
    key_quit: "Close the window", "关闭窗口";
    key_undo: "Undo", "撤销";
    key_redo: "Redo", "重做";
    key_fit: "Fit the whole picture", "显示整幅画面";
    key_previous: "Picture before", "上一张";
    key_next: "Picture after", "下一张";
    key_panels_tab: "Only the picture", "只看画面";
    key_look_left: "Look left", "向左查看";
    key_look_right: "Look right", "向右查看";
    key_look_up: "Look up", "向上查看";
    key_look_down: "Look down", "向下查看";
    key_swap: "Swap brush and eraser", "画笔与橡皮互换";
    key_flood: "Same colour", "同色选取";
    key_smart: "Smart selection", "智能选取";
    key_move: "Move the picture", "移动画面";
    key_hand: "Hold to move the picture", "按住移动画面";
    key_close_shape: "Close the shape", "闭合形状";
    key_smaller_brush: "Smaller brush", "画笔变小";
    key_larger_brush: "Larger brush", "画笔变大";
    key_invert: "Invert the mask", "反选遮罩";
    key_show_mask: "Show or hide the mask", "显示或隐藏遮罩";
    key_original: "Hold to see the original", "按住查看原图";
    key_accept: "Accept the result", "采纳结果";

    // Changing keys.
    keys_everywhere: "Everywhere", "随时";
    keys_not_typing: "While nothing is typed", "未输入文字时";
    keys_on_picture: "While the picture has the focus", "焦点在画面上时";
    keys_at_canvas: "At the canvas", "在画布上";
    keys_hint: "Click a key and press another one; Backspace leaves a command without a key.",
        "点击后按下新的键；按 Backspace 则不设。";
    keys_fixed: "Always the same: from control to control Tab and Shift+Tab go on, Enter presses one; Shift+Tab goes to the controls. While painting, Alt erases and Shift draws a line.",
        "固定不变：焦点在控件上时，Tab 与 Shift+Tab 逐个移动，Enter 按下控件；Shift+Tab 回到控件；涂抹时 Alt 擦除、Shift 画直线。";
    press_a_key: "Press a key…", "请按键…";
    key_tip: "Click, then press the new key; Esc leaves it as it is, Backspace leaves none",
        "点击后按下新的键；Esc 保持不变，Backspace 不设快捷键";
    reset_keys: "Reset all keys", "全部恢复默认";
    reset_keys_tip: "Give every command its usual keys", "让所有命令恢复默认快捷键";
    reset_key_tip: "Give the usual keys back", "恢复默认快捷键";
    full_screen_tip: "The window takes the whole screen", "窗口占满整个屏幕";
}}
