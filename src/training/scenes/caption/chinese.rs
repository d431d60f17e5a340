//! The Chinese grammar.

use super::super::attributes::{Backdrop, Color, Place, Relation, Style, Subject, Time};
use super::super::dice::Dice;
use super::manner::chinese as manner;
use super::{Extra, Facts, Mention, Situation};

/// One of the options, the first twice as often.
fn word<'a>(options: &[&'a str], dice: &mut Dice) -> &'a str {
    let weights: Vec<u32> = (0..options.len())
        .map(|n| if n == 0 { 2 } else { 1 })
        .collect();
    options[dice.weighted(&weights)]
}

fn color(color: Color, dice: &mut Dice) -> &'static str {
    match color {
        Color::Red => "红色",
        Color::Orange => word(&["橙色", "橙色", "橘色"], dice),
        Color::Yellow => "黄色",
        Color::Green => "绿色",
        Color::Blue => "蓝色",
        Color::Purple => "紫色",
        Color::Pink => word(&["粉色", "粉红色"], dice),
        Color::White => "白色",
        Color::Black => "黑色",
        Color::Brown => word(&["棕色", "棕色", "褐色"], dice),
        Color::Gray => "灰色",
        Color::Turquoise => word(&["青绿色", "青色"], dice),
    }
}

/// The colour in one syllable, as in 红玫瑰.
fn short(facts: &Facts) -> &'static str {
    match facts.subject.map(|(_, color)| color) {
        Some(Color::Red) => "红",
        Some(Color::Orange) => "橙",
        Some(Color::Yellow) => "黄",
        Some(Color::Green) => "绿",
        Some(Color::Blue) => "蓝",
        Some(Color::Purple) => "紫",
        Some(Color::Pink) => "粉",
        Some(Color::White) => "白",
        Some(Color::Black) => "黑",
        Some(Color::Brown) => "棕",
        Some(Color::Gray) => "灰",
        Some(Color::Turquoise) => "青",
        None => "",
    }
}

/// The measure word and the noun; the measure word is for the sentence, the noun for lists too.
fn name(subject: Subject, pose: u8, dice: &mut Dice) -> (&'static str, &'static str) {
    let (measures, nouns): (&[&str], &[&str]) = match subject {
        Subject::House => (&["一座", "一栋", "一幢"], &["房子", "房子", "房屋", "小屋"]),
        Subject::Tree => (&["一棵"], &["树", "大树"]),
        Subject::Sailboat => (&["一艘", "一条"], &["帆船"]),
        Subject::Balloon => (&["一个", "一只"], &["热气球"]),
        Subject::Rocket => (&["一枚", "一艘"], &["火箭"]),
        Subject::Lighthouse => (&["一座"], &["灯塔"]),
        Subject::Cat => (&["一只"], &["猫", "猫", "小猫", "猫咪"]),
        Subject::Corgi | Subject::PlainCorgi => (&["一只", "一条"], &["柯基犬", "柯基", "柯基狗"]),
        Subject::Astronaut => (&["一名", "一位", "一个"], &["宇航员", "航天员"]),
        Subject::Car => (&["一辆"], &["汽车", "小汽车", "轿车"]),
        Subject::FlyingCar => (&["一辆"], &["飞行汽车", "飞行汽车", "飞车"]),
        Subject::Rose => (&["一朵", "一枝"], &["玫瑰", "玫瑰花"]),
        Subject::Bird => (&["一只"], &["小鸟", "小鸟", "鸟儿", "飞鸟"]),
        Subject::Whale => (&["一头", "一条"], &["鲸鱼", "鲸鱼", "大鲸鱼"]),
        Subject::Fox => (&["一只"], &["狐狸", "狐狸", "小狐狸"]),
        Subject::Rabbit => (&["一只"], &["兔子", "小兔子", "小兔"]),
        Subject::Horse => (&["一匹"], &["马", "骏马", "小马"]),
        Subject::Penguin => (&["一只"], &["企鹅", "企鹅", "小企鹅"]),
        Subject::Butterfly => (&["一只"], &["蝴蝶"]),
        Subject::Robot => (&["一个", "一台"], &["机器人", "机器人", "小机器人"]),
        Subject::Castle => (&["一座"], &["城堡", "城堡", "古堡"]),
        Subject::Train => (&["一列"], &["火车", "火车", "小火车", "蒸汽火车"]),
        Subject::Bicycle => (&["一辆"], &["自行车", "自行车", "单车", "脚踏车"]),
        Subject::Windmill => (&["一座", "一架"], &["风车", "风车", "大风车"]),
        Subject::Bridge => (&["一座"], &["大桥", "桥", "桥梁"]),
        Subject::Airplane => (&["一架"], &["飞机", "飞机", "小飞机"]),
        Subject::Ufo => (&["一个", "一艘"], &["飞碟", "飞碟", "外星飞碟"]),
        Subject::Tulip if pose == 0 => (&["一朵", "一枝"], &["郁金香", "郁金香花"]),
        Subject::Tulip => (&["一束", "几朵"], &["郁金香", "郁金香花"]),
        Subject::Mushroom if pose == 0 => (&["一个", "一朵"], &["蘑菇"]),
        Subject::Mushroom => (&["两个", "两朵"], &["蘑菇"]),
        Subject::StreetLamp => (&["一盏"], &["路灯", "路灯", "街灯"]),
        Subject::Snowman => (&["一个"], &["雪人"]),
        Subject::Tent => (&["一顶", "一个"], &["帐篷", "帐篷", "露营帐篷"]),
        Subject::Umbrella => (&["一把"], &["伞", "雨伞", "遮阳伞"]),
    };
    let measure = word(measures, dice);
    let noun = word(nouns, dice);
    // A rocket is counted as a weapon or as a vessel; only the former goes with 火箭.
    (
        if subject == Subject::Rocket {
            "一枚"
        } else {
            measure
        },
        noun,
    )
}

/// The subject without its measure word, and the measure word.
fn noun(facts: &Facts, colored: bool, dice: &mut Dice) -> Option<(&'static str, String)> {
    let (subject, hue) = facts.subject?;
    let (measure, noun) = name(subject, facts.pose, dice);
    let hue = color(hue, dice);
    let suit = word(&["宇航服", "太空服"], dice);
    let phrase = match subject {
        Subject::Corgi if colored => format!("穿着{hue}{suit}的{noun}"),
        Subject::Corgi => format!("穿着{suit}的{noun}"),
        Subject::PlainCorgi if colored => format!("穿着{hue}毛衣的{noun}"),
        Subject::PlainCorgi if dice.chance(0.5) => format!("穿着毛衣的{noun}"),
        Subject::Astronaut if colored && dice.chance(0.2) => format!("{hue}{noun}"),
        Subject::Astronaut if colored => format!("穿着{hue}{suit}的{noun}"),
        Subject::Snowman if colored => match dice.below(3) {
            0 => format!("围着{hue}围巾的{noun}"),
            1 => format!("戴着{hue}帽子的{noun}"),
            _ => format!("戴着{hue}帽子和围巾的{noun}"),
        },
        _ if !colored => noun.to_owned(),
        Subject::House if dice.chance(0.15) => format!("{}房子", short(facts)),
        Subject::Cat if dice.chance(0.2) => format!("{}猫", short(facts)),
        Subject::Butterfly if dice.chance(0.15) => format!("长着{hue}翅膀的{noun}"),
        Subject::Bird if dice.chance(0.15) => format!("{}鸟", short(facts)),
        Subject::Rose if dice.chance(0.2) => format!("{}玫瑰", short(facts)),
        Subject::Tulip if dice.chance(0.2) => format!("{}郁金香", short(facts)),
        Subject::Umbrella if dice.chance(0.15) => format!("{}伞", short(facts)),
        Subject::Tree if facts.pose != 1 && dice.chance(0.15) => format!("长着{hue}叶子的{noun}"),
        Subject::Sailboat if dice.chance(0.15) => format!("挂着{hue}船帆的{noun}"),
        // Nouns of one syllable want 的.
        Subject::Bridge if noun == "桥" => format!("{hue}的{noun}"),
        Subject::Tree | Subject::Cat | Subject::Umbrella => format!("{hue}的{noun}"),
        _ if dice.chance(0.3) => format!("{hue}的{noun}"),
        _ => format!("{hue}{noun}"),
    };
    Some((measure, phrase))
}

/// Where the subject is: a place with its locative.
fn place(facts: &Facts, dice: &mut Dice) -> &'static str {
    if facts.situation == Situation::Over && dice.chance(0.75) {
        return match facts.place {
            Place::Ocean => word(&["大海上空", "海面上空", "海洋上空"], dice),
            Place::Meadow => word(&["草地上空", "草原上空"], dice),
            Place::Desert => "沙漠上空",
            Place::Snow => word(&["雪地上空", "雪原上空"], dice),
            Place::Forest => word(&["森林上空", "树林上空"], dice),
            Place::City => word(&["城市街道上空", "城市上空", "街道上空"], dice),
            Place::Moon => word(&["月球上空", "月球表面上空"], dice),
            Place::Beach => word(&["海滩上空", "沙滩上空"], dice),
            Place::Lake => word(&["湖面上空", "湖泊上空", "湖水上空"], dice),
            Place::Garden => word(&["花园上空", "开满鲜花的花园上空"], dice),
            Place::Village => word(&["村庄上空", "小村庄上空", "村子上空"], dice),
            Place::Canyon => word(&["峡谷上空", "大峡谷上空"], dice),
        };
    }
    match (facts.place, facts.situation) {
        (Place::Ocean, Situation::Islet) => word(
            &["大海中的小岛上", "海中的小岛上", "海上", "海洋中的小岛上"],
            dice,
        ),
        (Place::Ocean, Situation::Rock) => {
            word(&["大海中的礁石上", "海边", "海上", "海洋中的礁石上"], dice)
        }
        (Place::Ocean, _) if facts.swims() => word(&["大海里", "海里", "大海中", "海洋里"], dice),
        (Place::Ocean, _) => word(&["海面上", "大海上", "海上", "海洋上"], dice),
        (Place::Meadow, _) => word(&["草地上", "草原上", "绿色的草地上"], dice),
        (Place::Desert, _) => word(&["沙漠里", "沙漠中", "沙漠上"], dice),
        (Place::Snow, _) => word(&["雪地里", "雪地上", "雪原上"], dice),
        (Place::Forest, _) => word(&["森林里", "森林中", "树林里"], dice),
        (Place::City, _) => word(&["城市街道上", "城市里", "街道上", "城市的街道上"], dice),
        (Place::Moon, _) => word(&["月球上", "月球表面", "月球表面上"], dice),
        (Place::Beach, _) => word(&["海滩上", "沙滩上", "海边的沙滩上"], dice),
        (Place::Lake, Situation::Afloat) => word(&["湖面上", "湖上", "平静的湖面上"], dice),
        (Place::Lake, _) => word(&["湖边", "湖畔", "湖岸上"], dice),
        (Place::Garden, _) => word(&["花园里", "花园中", "开满鲜花的花园里"], dice),
        (Place::Village, _) => word(&["村庄里", "小村庄里", "村子里"], dice),
        (Place::Canyon, _) => word(&["峡谷里", "峡谷中", "大峡谷里"], dice),
    }
}

/// The place as a thing.
fn landscape(place: Place, dice: &mut Dice) -> &'static str {
    match place {
        Place::Ocean => word(&["大海", "海洋", "海面"], dice),
        Place::Meadow => word(&["草地", "草原"], dice),
        Place::Desert => "沙漠",
        Place::Snow => word(&["雪地", "雪原"], dice),
        Place::Forest => word(&["森林", "树林"], dice),
        Place::City => word(&["城市街道", "城市", "街道"], dice),
        Place::Moon => word(&["月球表面", "月球"], dice),
        Place::Beach => word(&["海滩", "沙滩"], dice),
        Place::Lake => word(&["湖边", "湖泊", "湖畔"], dice),
        Place::Garden => word(&["花园", "开满鲜花的花园"], dice),
        Place::Village => word(&["村庄", "小村庄", "乡村"], dice),
        Place::Canyon => word(&["峡谷", "大峡谷"], dice),
    }
}

/// When: an adverb.
fn time(facts: &Facts, dice: &mut Dice) -> &'static str {
    match facts.time {
        Time::Day if facts.shows(Extra::Sun) => word(&["白天", "阳光明媚的白天", "晴天"], dice),
        Time::Day => word(&["白天", "晴朗的白天"], dice),
        Time::Dawn => word(&["黎明时", "清晨", "日出时", "黎明时分", "拂晓时"], dice),
        Time::Sunset => word(&["日落时", "黄昏时", "傍晚", "日落时分"], dice),
        Time::Dusk => word(&["暮色中", "薄暮时分", "蓝调时刻", "入夜时分"], dice),
        Time::Night => word(&["夜晚", "夜里", "晚上", "星空下"], dice),
        Time::Storm => match facts.place {
            Place::Moon => word(&["风暴中", "沙尘暴中", "尘暴中"], dice),
            Place::Snow if facts.shows(Extra::Snowfall) => word(&["暴风雪中", "风暴中"], dice),
            _ if facts.shows(Extra::Lightning) && facts.shows(Extra::Rain) => {
                word(&["暴风雨中", "雷雨中", "雷暴中"], dice)
            }
            _ if facts.shows(Extra::Lightning) => word(&["雷暴中", "风暴中"], dice),
            _ => word(&["暴风雨中", "风暴中"], dice),
        },
    }
}

/// When: a keyword.
fn time_key(facts: &Facts, dice: &mut Dice) -> &'static str {
    match facts.time {
        Time::Day => word(&["白天", "晴天"], dice),
        Time::Dawn => word(&["黎明", "日出", "清晨"], dice),
        Time::Sunset => word(&["日落", "黄昏", "傍晚"], dice),
        Time::Dusk => word(&["暮色", "薄暮", "蓝调时刻"], dice),
        Time::Night => word(&["夜晚", "星夜"], dice),
        Time::Storm => match facts.place {
            Place::Moon => word(&["风暴", "沙尘暴"], dice),
            Place::Snow if facts.shows(Extra::Snowfall) => word(&["暴风雪", "风暴"], dice),
            _ if facts.shows(Extra::Rain) => word(&["暴风雨", "风暴"], dice),
            _ => word(&["雷暴", "风暴"], dice),
        },
    }
}

/// When, before a noun: "…的".
fn time_of(facts: &Facts, dice: &mut Dice) -> String {
    let when = match facts.time {
        Time::Storm => time(facts, dice),
        _ => time_key(facts, dice),
    };
    match when {
        "日出" | "日落" => format!("{when}时的"),
        "暮色" => "暮色中的".to_owned(),
        "薄暮" => "薄暮时分的".to_owned(),
        "星夜" => "星夜下的".to_owned(),
        _ => format!("{when}的"),
    }
}

fn backdrop(facts: &Facts, dice: &mut Dice) -> Option<String> {
    let name = match facts.backdrop {
        Backdrop::None => return None,
        Backdrop::Mountains => word(&["群山", "山脉", "高山"], dice),
        Backdrop::Hills => word(&["丘陵", "山丘", "小山"], dice),
        Backdrop::Forest => word(&["森林", "树林"], dice),
        Backdrop::Skyline => word(&["城市天际线", "天际线", "高楼"], dice),
        Backdrop::Earth => "地球",
    };
    Some(match (facts.backdrop, dice.below(3)) {
        (Backdrop::Earth, 0) => "天上有地球".to_owned(),
        (Backdrop::Earth, 1) => "天空中有地球".to_owned(),
        (_, 0) => format!("远处是{name}"),
        (_, 1) => format!("远处有{name}"),
        _ => format!("背景是{name}"),
    })
}

fn extra(facts: &Facts, extra: Extra, dice: &mut Dice) -> &'static str {
    match (extra, facts.time) {
        (Extra::Sun, Time::Dawn) => word(&["太阳正在升起", "朝阳"], dice),
        (Extra::Sun, Time::Sunset) => word(&["夕阳", "太阳正在落下"], dice),
        (Extra::Sun, _) => word(&["天上有太阳", "阳光明媚"], dice),
        (Extra::FullMoon, _) => word(&["天上有一轮圆月", "一轮满月", "天上有月亮"], dice),
        (Extra::Crescent, _) => word(&["天上有一弯月牙", "一弯新月", "天上有月亮"], dice),
        (Extra::Stars, _) => word(&["满天星星", "天上有星星", "繁星"], dice),
        (Extra::Clouds, _) => word(&["天上有白云", "白云"], dice),
        (Extra::Lightning, _) => word(&["有闪电", "电闪雷鸣", "一道闪电"], dice),
        (Extra::Rain, _) => word(&["下着雨", "大雨"], dice),
        (Extra::Snowfall, _) => word(&["下着雪", "雪花飘落"], dice),
        (Extra::Fog, _) => word(&["雾蒙蒙", "大雾", "薄雾弥漫"], dice),
        (Extra::Stream, _) => word(&["一条小溪", "旁边有小溪", "溪水流淌"], dice),
        (Extra::Sunbeams, _) => word(&["阳光透过树叶", "阳光穿过林间"], dice),
        (Extra::Neon, _) => word(&["霓虹灯", "霓虹灯闪烁", "霓虹灯招牌"], dice),
        (Extra::Traffic, _) => word(
            &["飞行汽车在空中穿梭", "天上有飞行汽车", "空中飞过飞行汽车"],
            dice,
        ),
    }
}

/// Where the first subject is, seen from the second: "一座蓝色房子左边的".
fn beside(facts: &Facts, colored: bool, dice: &mut Dice) -> Option<String> {
    let (relation, other) = facts.of_neighbour()?;
    let side = match relation {
        Relation::LeftOf => word(&["左边", "左侧"], dice),
        Relation::RightOf => word(&["右边", "右侧"], dice),
        Relation::InFrontOf => word(&["前面", "前方"], dice),
        Relation::Behind => word(&["后面", "后方"], dice),
    };
    let (measure, noun) = noun(&other, colored, dice)?;
    Some(format!("{measure}{noun}{side}的"))
}

/// The middle of a sentence: what, where and when, in one of several orders.
fn clause(facts: &Facts, mention: Mention, dice: &mut Dice) -> String {
    let pretty = if dice.chance(0.05) {
        word(&["漂亮的", "美丽的"], dice)
    } else {
        ""
    };
    let subject = mention
        .subject
        .then(|| noun(facts, mention.color, dice))
        .flatten()
        .map(|(measure, phrase)| {
            let measure = if dice.chance(0.88) { measure } else { "" };
            let beside = mention
                .company
                .then(|| beside(facts, mention.color, dice))
                .flatten()
                .unwrap_or_default();
            format!("{beside}{measure}{pretty}{phrase}")
        });
    let Some(subject) = subject else {
        let land = landscape(facts.place, dice);
        return if mention.time {
            format!("{}{land}", time_of(facts, dice))
        } else {
            land.to_owned()
        };
    };
    match (mention.place, mention.time, dice.below(6)) {
        (true, true, 0 | 1) => format!("{}{}的{subject}", time(facts, dice), place(facts, dice)),
        (true, true, 2) => format!("{}，{}有{subject}", time(facts, dice), place(facts, dice)),
        (true, true, 3) => format!(
            "{subject}在{}，{}",
            place(facts, dice),
            time_key(facts, dice)
        ),
        (true, true, 4) => format!(
            "{}{}，{subject}",
            time_of(facts, dice),
            landscape(facts.place, dice)
        ),
        (true, true, _) => format!(
            "{}的{subject}，{}",
            place(facts, dice),
            time_key(facts, dice)
        ),
        (true, false, 0..=2) => format!("{}的{subject}", place(facts, dice)),
        (true, false, 3) => format!("{}有{subject}", place(facts, dice)),
        (true, false, _) => format!("{subject}在{}", place(facts, dice)),
        (false, true, 0..=3) => format!("{}{subject}", time_of(facts, dice)),
        (false, true, _) => format!("{subject}，{}", time_key(facts, dice)),
        (false, false, _) => subject,
    }
}

/// Keywords between commas.
fn list(facts: &Facts, mention: Mention, dice: &mut Dice) -> String {
    let mut words: Vec<String> = Vec::new();
    if mention.subject {
        words.extend(noun(facts, mention.color, dice).map(|(_, phrase)| {
            let beside = mention
                .company
                .then(|| beside(facts, mention.color, dice))
                .flatten()
                .unwrap_or_default();
            format!("{beside}{phrase}")
        }));
    }
    if mention.place {
        words.push(landscape(facts.place, dice).to_owned());
    }
    if mention.time {
        words.push(time_key(facts, dice).to_owned());
    }
    words.join("，")
}

/// The sentence with its style before it, where that fits.
fn introduced(facts: &Facts, clause: &str, dice: &mut Dice) -> Option<String> {
    let before = word(manner(facts.style).before, dice);
    // 油画风格的 goes with a thing, not with a time.
    if before.ends_with('的') && !clause.starts_with('一') {
        return None;
    }
    Some(format!("{before}{clause}"))
}

pub(super) fn write(facts: &Facts, mention: Mention, dice: &mut Dice) -> String {
    let keywords = dice.chance(0.2);
    let mut text = if keywords {
        list(facts, mention, dice)
    } else {
        clause(facts, mention, dice)
    };
    let flat = facts.style == Style::Flat;
    let mut unnamed = mention.style && !flat;
    if !keywords
        && (flat || mention.style)
        && dice.chance(if flat { 0.1 } else { 0.5 })
        && let Some(whole) = introduced(facts, &text, dice)
    {
        text = whole;
        unnamed = false;
    }
    let mut tails: Vec<String> = Vec::new();
    if mention.backdrop {
        tails.extend(backdrop(facts, dice));
    }
    let weather = facts.weather.filter(|_| mention.weather);
    for seen in weather
        .into_iter()
        .chain(mention.extras.into_iter().flatten())
    {
        tails.push(extra(facts, seen, dice).to_owned());
    }
    if unnamed {
        tails.push(word(manner(facts.style).after, dice).to_owned());
    }
    if dice.chance(0.1) {
        let qualities: &[&str] = if flat {
            &["插画", "扁平插画", "精美", "高清", "精致插画"]
        } else {
            &["精美", "高清"]
        };
        tails.push(word(qualities, dice).to_owned());
    }
    for tail in tails {
        text.push('，');
        text.push_str(&tail);
    }
    if !keywords && dice.chance(0.25) {
        text.push('。');
    }
    text
}
