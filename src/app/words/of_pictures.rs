//! The rows of the table about what is made of pictures: styles, larger pictures, the last touch.

/// Has a table made of the given rows and of these.
macro_rules! and_of_pictures {
    ($table:ident! { $($rows:tt)* }) => {
        $table! {
            $($rows)*

            // The style table.
            style: "Style", "风格";
            style_tip: "Give a picture the strokes and palette of another", "让一张图片拥有另一张的笔触与色调";
            key_style: "Go to Style", "前往风格";
            how_strongly: "How strongly", "强度";
            style_strength: "Style", "风格";
            style_strength_tip: "How much strokes and palette count: 1 is usual, a weight of 1e6. Double-click for 1.",
                "笔触与色调的分量：通常为 1，即权重 1e6。双击恢复 1。";
            fidelity: "Content", "内容";
            fidelity_tip: "How faithfully the shapes stay: 1 is usual. Double-click for 1.",
                "保留原有形状的程度：通常为 1。双击恢复 1。";
            stroke_size: "Stroke size", "笔触大小";
            stroke_size_tip: "Size of the brush strokes: 1 leaves them as large as in the style, 2 makes them twice as large. Double-click for 1.",
                "笔触的大小：1 与风格图相同，2 为两倍。双击恢复 1。";
            keep_colors: "Keep colours", "保留颜色";
            keep_colors_tip: "From 0, the style's colours, to 1, the content's own: then strokes come in light and dark alone. Double-click for 0.",
                "从 0（风格的颜色）到 1（内容自己的颜色）：为 1 时只以明暗表现笔触。双击恢复 0。";
            style_how: "How", "方式";
            style_size: "Size", "尺寸";
            style_size_tip: "Pixels of the result's longer side. Double-click for 512.", "结果长边的像素数。双击恢复 512。";
            iterations: "Iterations", "迭代";
            iterations_tip: "How often the picture is looked at and moved. The first ones do most; it can be stopped, and gone on with, at any of them. Double-click for 300.",
                "观察并调整画面的次数。最初几次变化最大；随时可以停止，也可以继续。双击恢复 300。";
            features: "Features", "特征";
            features_vgg_tip: "Strokes and shapes are seen by VGG-19, whose weights are in the folder of models",
                "由 VGG-19 观察笔触与形状，其权重位于模型文件夹";
            features_quick: "Quick", "快速";
            features_quick_tip: "A style a small network has learnt, given to any picture in a moment. Make one on the right, or choose one there; the style slider says how much of it.",
                "由小网络学会的风格，一瞬间用于任何图片。可在右侧制作或选择；风格滑块决定用多少。";
            features_adain_tip: "Any style in a moment, in one pass: by the networks of AdaIN in the folder of models. The style slider says how far the picture goes towards it.",
                "一次完成任意风格：使用模型文件夹中的 AdaIN 网络。风格滑块决定靠近风格的程度。";
            features_embedded: "Embedded", "内置";
            features_embedded_tip: "Strokes and shapes are seen without any download: by an untrained network and by the style's own patches",
                "无需下载：由未经训练的网络与风格图自身的小块观察笔触与形状";
            style_layers: "Layers", "层";
            layers_first: "Fine", "细";
            layers_first_tip: "The first five convolutions: strokes and palette, shapes stay as they are", "前五层卷积：取笔触与色调，形状保持不变";
            layers_gatys: "Gatys", "Gatys";
            layers_gatys_tip: "Those of Gatys' paper, conv1_1 to conv5_1: larger forms of the style come too, and it takes longer",
                "Gatys 论文所用的 conv1_1 到 conv5_1：也取风格中更大的形态，耗时更长";
            style_start: "Start from", "起点";
            start_content: "Content", "内容";
            start_content_tip: "The picture is the content at first: shapes are there from the beginning", "从内容图开始：形状一开始就在";
            start_noise: "Noise", "噪声";
            start_noise_tip: "The picture is noise at first: freer, and slower", "从噪声开始：更自由，也更慢";
            style_growth: "Growth", "过程";
            small_first: "Small first", "由小到大";
            small_first_tip: "Small versions are made first and enlarged: a good picture is there in seconds", "先做小图再放大：几秒内就能看到效果";
            one_size: "One size", "单一尺寸";
            one_size_tip: "All iterations at the size of the result, as in Gatys' paper", "全部迭代都在结果尺寸上进行，与 Gatys 论文一致";
            optimizer: "Optimiser", "优化器";
            lbfgs_tip: "Remembers how the losses bend: the fewest iterations", "记住损失的曲率：所需迭代最少";
            adam_tip: "Less memory, more iterations", "内存更少，迭代更多";
            loss: "Loss", "损失";
            loss_tip: "Both losses over the iterations, on a logarithmic scale: that of the style in the accent's colour, that of the content in gray",
                "两种损失随迭代的变化（对数刻度）：彩线为风格，灰线为内容";
            style_button: "Transfer the style", "迁移风格";
            style_button_tip: "Paint the content in the style; while another picture is made, it waits in the queue",
                "用此风格绘制内容；正在生成其他图片时会加入队列";
            stop_and_keep: "Stop and keep", "停止并保留";
            stop_and_keep_tip: "Stop now and keep the picture as it is; it can be gone on with", "立即停止并保留当前画面；之后可以继续";
            continue_style: "Continue", "继续";
            continue_style_tip: "Go on from the result with as many iterations again", "从当前结果出发，再做同样多次迭代";
            style_needs_content: "Lay a content on the table.", "请放入内容图片。";
            style_needs_two: "Lay a content and a style on the table.", "请在两个区域放入内容与风格图片。";
            pair: "Pair", "一对";
            pair_tip: "One content, one style", "一张内容，一张风格";
            many_contents: "One style, many pictures", "一种风格，多张图片";
            many_contents_tip: "The style stays; drop many contents, flip through them, and make them all", "风格固定：放入多张内容，逐张翻看，一并生成";
            many_styles: "One picture, many styles", "一张图片，多种风格";
            many_styles_tip: "The picture stays; drop many styles, flip through them, and make them all", "图片固定：放入多张风格图片，逐张翻看，一并生成";
            several_styles: "Several styles", "多种风格";
            several_styles_tip: "Styles are mixed, each with its weight", "混合多种风格，各有权重";
            swap_sides: "Swap content and style", "交换内容与风格";
            swap_sides_tip: "The content becomes the style, and the style the content", "内容与风格互换";
            swap_label: "Swap", "互换";
            content_title: "Content", "内容";
            content_zone: "Content picture", "内容图片";
            content_zone_tip: "Its shapes are kept. Click, and the next picture you pick in the strip below comes here",
                "保留它的形状。点击后，在下方图片条中选择的图片会放到这里";
            content_empty: "A picture to paint anew", "要重新绘制的图片";
            drop_content: "Drop as content", "松开作为内容";
            open_content: "Open a content picture", "打开内容图片";
            style_title: "Style", "风格";
            style_zone: "Style picture", "风格图片";
            style_zone_tip: "Its strokes and palette are taken. Click, and the next picture you pick in the strip below comes here",
                "取它的笔触与色调。点击后，在下方图片条中选择的图片会放到这里";
            style_empty: "A picture to paint it like", "要模仿的图片";
            drop_style: "Drop as style", "松开作为风格";
            open_style: "Open a style picture", "打开风格图片";
            open_zone_tip: "Open a file for this side", "为这一侧打开文件";
            zone_ways: "drop · paste · library ·", "拖入 · 粘贴 · 图库 ·";
            zone_hint: "Drop or paste it, or pick it in the strip below", "拖入、粘贴，或在下方图片条中选择";
            previous_content: "Previous content", "上一张内容";
            next_content: "Next content", "下一张内容";
            previous_style: "Previous style", "上一种风格";
            next_style: "Next style", "下一种风格";
            take_content: "Take away this content", "移除这张内容";
            take_content_tip: "The file stays where it is", "文件不受影响";
            take_label: "Take away", "移除";
            style_weight_tip: "Relative to the other styles", "相对其他风格的分量";
            take_style_tip: "The file stays where it is", "文件不受影响";
            result_title: "Result", "结果";
            result_empty: "It grows here with every iteration", "每次迭代都会在这里显现";
            style_waits: "waiting", "等待中";
            kept_styles: "Styles you keep", "收藏的风格";
            keep_style: "Keep this style", "收藏此风格";
            keep_style_tip: "Keep the style on the table at hand", "把桌上的风格收藏起来，随时可用";
            keep_label: "+ Add", "+ 收藏";
            kept_styles_empty: "Add a style to have it at hand later.", "收藏风格，以便随时取用。";
            kept_style_tip: "Lay it on the table", "放到桌上";
            forget_style_tip: "Keep it no longer; the file stays", "不再收藏；文件不受影响";
            style_not_kept: "This style has no file: save it first, then it can be kept", "此风格没有文件：请先保存，再收藏";
            quick_styles: "Quick styles", "快速风格";
            quick_styles_empty: "A small network learns a style once, and then paints any picture in it in a moment.",
                "小网络学会一种风格后，一瞬间就能把任何图片画成那样。";
            make_quick_style: "Make a quick style", "制作快速风格";
            make_quick_style_tip: "Teach a small network the style on the table: several minutes in the background, while pictures go first. After that any picture takes the style in about a second.",
                "让小网络学习桌上的风格：在后台需要几分钟，生成图片优先。之后任何图片约一秒即可套用。";
            quick_style_unnamed: "Style", "风格";
            lesson_preview: "What the network paints by now", "网络目前的画法";
            lesson_begins: "looking at the style…", "正在观察风格…";
            lesson_waits: "waits for a picture", "等待图片完成";
            stop_lesson: "Stop learning the style", "停止学习此风格";
            stop_lesson_label: "Stop", "停止";
            stop_lesson_tip: "What was learnt is kept; go on with it whenever you like", "已学到的会保留，随时可以继续";
            continue_lesson_tip: "Go on learning from where it was", "从上次停下的地方继续学习";
            forget_lesson_tip: "Remove what was learnt so far; the style picture stays", "删除已学到的内容；风格图片不受影响";
            use_quick_style_tip: "Paint with this style: lay a content and press Transfer the style", "使用此风格：放入内容图片，再点“迁移风格”";
            forget_quick_style_tip: "Delete its file; the style picture stays. You are asked once more", "删除其文件；风格图片不受影响。删除前会再确认一次";
            delete_label: "Delete", "删除";
            delete_quick_style_tip: "Delete the file for good", "永久删除该文件";
            spare_label: "Keep", "保留";
            spare_quick_style_tip: "Leave it as it is", "保持不变";
            inside_mask_only: "Only inside a mask", "仅在遮罩内";
            mask_on: "on", "开";
            mask_off: "off", "关";
            easel_mask: "From the canvas", "取自画布";
            easel_mask_tip: "Take the mask painted at the canvas", "使用在画布上涂出的遮罩";
            style_load_mask: "Load…", "载入…";
            style_load_mask_tip: "A picture that is white where the style goes", "风格所到之处为白色的图片";
            no_mask: "None", "不用";
            no_mask_tip: "The style goes everywhere", "风格遍及整张图片";
            style_no_mask: "There is no mask that paints anything: paint one at the canvas first", "没有涂过的遮罩：请先在画布上涂出一个";
            style_adopted: "All settings of this picture are taken over; lay its content and its style on the table",
                "已采用这张图片的全部设置；请放入它的内容与风格图片";
            style_then: "Then", "然后";
            chain: "Use as content", "用作内容";
            chain_tip: "The result becomes the content: a style of a style", "把结果当作新的内容：在风格之上再加风格";
            to_canvas: "To the canvas", "送到画布";
            to_canvas_tip: "Work on the result at the canvas", "在画布上继续编辑结果";

            // Making larger.
            upscale: "Upscale", "放大";
            upscale_tip: "Make pictures larger or clean, part by part", "分块放大或修复图片";
            upscale_button: "Make it larger", "放大图片";
            upscale_button_tip: "Make the picture larger; while another is made, it waits in the queue",
                "放大图片；正在生成时会加入队列";
            upscale_label: "Upscale", "放大";
            upscale_all: "Upscale all", "全部放大";
            restore_button: "Restore it", "修复图片";
            restore_button_tip: "Restore the picture; while another is made, it waits in the queue",
                "修复图片；正在生成时会加入队列";
            restore_label: "Restore", "修复";
            restore_all: "Restore all", "全部修复";
            clean_at_work: "Takes away grain and JPEG's marks, at the picture's own size.",
                "去除噪点与 JPEG 压缩痕迹，尺寸不变。";
            crisp_at_work: "For worn pictures: crisp edges for their looks, less true to what is there.",
                "适合有噪点、模糊或压缩过的图片：边缘锐利、更好看，但不如原样忠实。";
            upscale_empty: "A picture to be made larger appears here", "要放大的图片将在这里出现";
            upscale_empty_hint: "Drop pictures, paste one, open one, or choose one below",
                "拖入、粘贴、打开图片，或在下方选一张";
            drop_to_upscale: "Drop to make it larger; several at once make a batch",
                "松开即可放大；可一次拖入多张";
            sources: "Pictures", "图片";
            source_tip: "Look at this picture", "查看这张图片";
            open_pictures: "Open…", "打开…";
            open_pictures_tip: "Add a picture to be made larger", "添加要放大的图片";
            take_out_tip: "Leave this picture as it is; its file stays", "不再放大这张图片；文件保留";
            reading_picture: "Reading…", "正在读取…";
            network: "Network", "网络";
            lanczos: "Lanczos", "Lanczos";
            lanczos_tip: "Resample without a network: quick, smooth, and nothing is invented",
                "不用网络，直接重采样：快速、平滑，不添加细节";
            network_tip: "Let this network make the picture larger, or restore it", "用此网络放大或修复图片";
            open_network: "Open file…", "打开文件…";
            open_network_tip: "Use a file of weights: ESRGAN, Real-ESRGAN, BSRGAN or SwinIR, as .pth or .safetensors",
                "使用权重文件：ESRGAN、Real-ESRGAN、BSRGAN 或 SwinIR（.pth 或 .safetensors）";
            open_network_title: "Open a network that enlarges", "打开放大网络";
            lanczos_at_work: "Lanczos is at work: it resamples and invents nothing.",
                "当前使用 Lanczos：只做重采样，不添加细节。";
            reading_network: "Looking at the file…", "正在查看文件…";
            try_networks: "Compare all…", "全部对比…";
            try_networks_tip: "Let every network make the part in the middle larger, side by side",
                "让每个网络放大画面中央的一小块，并排对比";
            trial_hint: "The same part by each: wheel and drag see all of them closer. Click a name to use it.",
                "同一块画面，各种方法：滚轮与拖动同时作用于全部。点击名称即可采用。";
            end_trial: "Back to the picture", "返回图片";
            end_trial_tip: "Leave the comparison", "结束对比";
            trial_failed: "nothing came of it", "没有结果";
            prefer_tip: "Use this one", "采用";
            target: "Size", "尺寸";
            by_factor: "Factor", "倍数";
            by_factor_tip: "Tell how many times as large", "按倍数放大";
            by_pixels: "Pixels", "像素";
            by_pixels_tip: "Tell the longer side in pixels; the shape stays", "指定长边像素，保持比例";
            factor: "Times", "倍数";
            factor_tip: "How many times as large; another factor than the network's is resampled at the end. Double-click for the network's own.",
                "放大的倍数；与网络自身倍数不同时，最后再重采样。双击恢复网络自身的倍数。";
            longer_side: "Longer side", "长边";
            longer_side_tip: "Pixels of the longer side; arithmetic such as 1920*2 works",
                "长边的像素数，可输入算式，如 1920*2";
            plan: "Plan", "计划";
            memory_allowed: "Memory, GB", "内存，GB";
            memory_allowed_tip: "Gigabytes that may be used: parts are made as large as fit. Double-click for 2.",
                "允许使用的内存（GB）：图块会在此范围内尽量大。双击恢复 2。";
            parts: "Parts", "图块";
            parts_tip: "How the picture is cut into parts", "图片如何分块";
            part_side: "Side", "边长";
            part_side_tip: "Pixels of a part's side; 0 leaves the choice to the memory. Double-click for 0.",
                "图块边长（像素）；0 表示由内存决定。双击恢复 0。";
            overlap: "Overlap", "重叠";
            overlap_tip: "Pixels around a part that the network sees too. From what it sees on, no edge between parts can be told. Double-click for 10.",
                "网络在图块四周多看的像素。达到其感受野后，图块之间看不出边界。双击恢复 10。";
            seamless: "Seamless", "无缝";
            seamless_tip: "Overlap by as much as the network sees", "重叠设为网络的感受野";
            blend_parts: "Blend", "融合";
            blend_parts_tip: "Blend parts where they overlap, instead of cutting them hard",
                "在重叠处融合图块，而不是硬切";
            enlarging: "Making it larger…", "正在放大…";
            original_side: "Original", "原图";
            larger_side: "Larger", "放大后";
            restored_side: "Restored", "修复后";
            pixel_grid: "Grid", "网格";
            pixel_grid_tip: "Show a grid between pixels from 800 % on", "800% 起显示像素网格";
            key_upscale: "Go to Upscale", "前往放大";

            // The last touch.
            finish: "Finish", "修饰";
            finish_tip: "A last touch to the picture: seen at once, done to the pixels when it is saved or copied",
                "对图片的最后修饰：即时可见，保存或复制时写入像素";
            finish_reset: "Reset", "还原";
            finish_reset_tip: "Leave the picture as it was made", "恢复图片原样";
            exposure: "Exposure", "曝光";
            exposure_tip: "Light in stops: 1 doubles it. Double-click for 0.", "以挡为单位：1 表示亮度翻倍。双击恢复 0。";
            contrast: "Contrast", "对比度";
            contrast_tip: "How far dark and light are apart. Double-click for 0.", "明暗之间的差距。双击恢复 0。";
            saturation: "Saturation", "饱和度";
            saturation_tip: "How strong colours are; -1 is gray. Double-click for 0.", "色彩的浓淡，-1 为灰度。双击恢复 0。";
            warmth: "Warmth", "色温";
            warmth_tip: "White balance from bluish to amber. Double-click for 0.", "白平衡：从偏蓝到偏黄。双击恢复 0。";
            tint: "Tint", "色调";
            tint_tip: "White balance from greenish to magenta. Double-click for 0.", "白平衡：从偏绿到偏洋红。双击恢复 0。";
            denoise: "Denoise", "降噪";
            denoise_tip: "How much of the noise goes; edges stay. Double-click for 0.", "去除噪点的程度，边缘保留。双击恢复 0。";
            sharpen: "Sharpen", "锐化";
            sharpen_tip: "How much of the finest detail is added again. Double-click for 0.", "增强最细部分的程度。双击恢复 0。";
            grain: "Grain", "颗粒";
            grain_tip: "Grain as of a film; the same every time. Double-click for 0.", "胶片般的颗粒，每次相同。双击恢复 0。";
            curve: "Curve", "曲线";
            curve_tip: "What becomes of dark to light: pull a point up or down, or use the arrow keys; double-click puts it back.",
                "由暗到亮的变化：上下拖动各点，或使用方向键；双击复原。";
            curve_all: "All", "全部";
            curve_red: "Red", "红";
            curve_green: "Green", "绿";
            curve_blue: "Blue", "蓝";
            curve_channel_tip: "Bend the curve of this colour", "调整此颜色的曲线";
            // The best of several pictures, and the strip by likeness.
            best_of_several: "Best of several", "择优";
            best_of_several_tip: "Compare the pictures of a run with the prompt, by a CLIP", "用 CLIP 将一次生成的各张图片与提示词比较";
            rank_as_they_come: "As they come", "按生成顺序";
            rank_as_they_come_tip: "Nothing is compared", "不做比较";
            rank_best_first: "Best first", "最佳在前";
            rank_best_first_tip: "Once all pictures of a run are there, show those first that fit the prompt best; all stay",
                "全部生成后，最符合提示词的排在前面；图片全部保留";
            rank_keep_best: "Keep best", "只留最佳";
            rank_keep_best_tip: "Show the best first, and set the others aside: they move into a folder beside the pictures",
                "最佳在前，其余移到图片旁的文件夹中";
            rank_kept: "Keep", "保留";
            rank_kept_tip: "How many pictures of a run stay. Double-click for 1.", "一次生成中保留的张数。双击恢复 1。";
            rank_aside_hint: "The others move into the folder set-aside beside the pictures. Nothing is deleted.",
                "其余图片移到旁边的 set-aside 文件夹，不会删除。";
            rank_needs_several: "Ask for more than one picture above.", "请将上方的张数设为 2 或更多。";
            rank_by: "Compared by", "比较者";
            rank_no_clip: "There is no CLIP yet: get one in Models, such as openai/clip-vit-base-patch32, or open its folder. Files of ComfyUI's clip_vision see pictures alone, and read no words.",
                "还没有 CLIP：可在模型库获取，例如 openai/clip-vit-base-patch32，或打开其文件夹。ComfyUI 的 clip_vision 文件只能看图，不能读文字。";
            open_clip: "Open CLIP folder…", "打开 CLIP 文件夹…";
            open_clip_tip: "Compare by a CLIP in Hugging Face's layout (config.json, model.safetensors and the tokenizer's files)",
                "使用 Hugging Face 结构的 CLIP（含 config.json、model.safetensors 和分词器文件）";
            likeness: "Likeness", "相似度";
            likeness_tip: "Sort the strip by how well its pictures fit some words", "按与文字的相似程度排列图片条";
            likeness_words: "Words to sort by", "排序文字";
            likeness_words_tip: "What the pictures of the strip are compared with; the prompt, where nothing is written here",
                "图片条中的图片与此文字比较；留空则使用提示词";
            likeness_words_hint: "as the prompt says", "同提示词";
            sort_strip: "Sort the strip", "排列图片条";
            sort_strip_tip: "Compare every picture of the strip with the words, and show the best first", "将图片条中每张图片与文字比较，最佳在前";
            newest_first: "Newest first", "最新在前";
            newest_first_tip: "The strip as it was", "恢复图片条原来的顺序";
            stop_comparing: "Stop comparing", "停止比较";
            stop_comparing_tip: "Stop after this picture; what was compared stays so", "比完这张后停止；已得结果保留";
            nothing_to_finish: "Look at a picture to give it a last touch.", "选中一张图片后即可修饰。";
        }
    };
}
