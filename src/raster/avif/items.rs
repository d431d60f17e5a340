//! The items of a file, and which of them is the picture.

use super::Refusal;
use super::boxes::{Part, Reader};
use super::item::Item;

/// All things in a file.
#[derive(Debug)]
pub(super) struct Items<'a> {
    file: &'a [u8],
    /// Data that lie among the items.
    data: &'a [u8],
    primary: u32,
    all: Vec<Item<'a>>,
    /// Kind, from which item, to which.
    references: Vec<([u8; 4], u32, u32)>,
}

impl<'a> Items<'a> {
    pub(super) fn read(file: &'a [u8]) -> Result<Self, Refusal> {
        let meta = Reader(file).parts().find(|part| &part.kind == b"meta");
        let mut meta = Reader(meta.ok_or("it has no list of its items")?.content);
        meta.version().ok_or(super::CUT)?;
        let mut items = Self {
            file,
            data: &[],
            primary: 0,
            all: Vec::new(),
            references: Vec::new(),
        };
        items.fill(meta).ok_or("the list of its items is damaged")?;
        Ok(items)
    }

    fn fill(&mut self, meta: Reader<'a>) -> Option<()> {
        let part = |kind: &[u8; 4]| {
            let part = meta.parts().find(|part| &part.kind == kind);
            part.map(|part| Reader(part.content))
        };
        self.data = part(b"idat").map_or(&[], |data| data.0);
        self.primary = primary(part(b"pitm")?)?;
        self.all = listed(part(b"iinf")?)?;
        self.locate(part(b"iloc")?)?;
        if let Some(references) = part(b"iref") {
            self.references = referred(references)?;
        }
        self.describe(part(b"iprp")?)
    }

    /// The picture itself.
    pub(super) fn primary(&self) -> Result<&Item<'a>, Refusal> {
        let primary = self.all.iter().find(|item| item.id == self.primary);
        let primary = primary.ok_or("it has no picture")?;
        match &primary.kind {
            b"av01" => Ok(primary),
            b"grid" => Err("an AVIF made of tiles is not read yet; convert it to PNG"),
            _ => Err("its picture is not AV1; convert it to PNG"),
        }
    }

    /// The item whose samples are the alpha of another.
    pub(super) fn alpha_of(&self, id: u32) -> Option<&Item<'a>> {
        self.referring(*b"auxl", id).find(|item| item.is_alpha())
    }

    pub(super) fn is_premultiplied(&self, id: u32) -> bool {
        self.references
            .iter()
            .any(|&(kind, from, _)| &kind == b"prem" && from == id)
    }

    /// An item that tells about another.
    pub(super) fn described_by(
        &self,
        id: u32,
        is: impl Fn(&Item<'_>) -> bool,
    ) -> Option<&Item<'a>> {
        self.referring(*b"cdsc", id).find(|item| is(item))
    }

    fn referring(&self, kind: [u8; 4], id: u32) -> impl Iterator<Item = &Item<'a>> {
        let found = move |&&(found, _, to): &&([u8; 4], u32, u32)| found == kind && to == id;
        let from = self.references.iter().filter(found);
        from.filter_map(|&(_, from, _)| self.all.iter().find(|item| item.id == from))
    }

    /// All data of an item; `None` if a part of it is not there.
    pub(super) fn data(&self, item: &Item<'_>) -> Option<Vec<u8>> {
        let all = if item.is_in_file {
            self.file
        } else {
            self.data
        };
        let mut data = Vec::new();
        for &(offset, length) in &item.extents {
            let rest = all.get(usize::try_from(offset).ok()?..)?;
            data.extend_from_slice(match usize::try_from(length).ok()? {
                0 => rest,
                length => rest.get(..length)?,
            });
            // Parts may be the same again and again.
            if data.len() > all.len() {
                return None;
            }
        }
        Some(data)
    }

    fn item_mut(&mut self, id: u32) -> Option<&mut Item<'a>> {
        self.all.iter_mut().find(|item| item.id == id)
    }

    /// Reads where data lie (`iloc`).
    fn locate(&mut self, mut reader: Reader<'a>) -> Option<()> {
        let (version, _) = reader.version()?;
        let [sizes, more] = [reader.byte()?, reader.byte()?];
        let [offset, length, base] = [sizes >> 4, sizes & 15, more >> 4].map(usize::from);
        let index = if version > 0 {
            usize::from(more & 15)
        } else {
            0
        };
        if [offset, length, base, index].iter().any(|&bytes| bytes > 8) {
            return None;
        }
        for _ in 0..reader.wide(version > 1)? {
            let id = reader.wide(version > 1)?;
            let method = if version > 0 { reader.short()? & 15 } else { 0 };
            reader.short()?;
            let base = reader.number(base)?;
            let mut extents = Vec::new();
            for _ in 0..reader.short()? {
                reader.number(index)?;
                let offset = base.checked_add(reader.number(offset)?)?;
                extents.push((offset, reader.number(length)?));
            }
            if let Some(item) = self.item_mut(id).filter(|_| method < 2) {
                item.extents = extents;
                item.is_in_file = method == 0;
            }
        }
        Some(())
    }

    /// Reads what items are like (`iprp`).
    fn describe(&mut self, reader: Reader<'a>) -> Option<()> {
        let part = |kind: &[u8; 4]| reader.parts().find(|part| &part.kind == kind);
        let properties: Vec<_> = Reader(part(b"ipco")?.content).parts().collect();
        let mut reader = Reader(part(b"ipma")?.content);
        let (version, flags) = reader.version()?;
        for _ in 0..reader.long()? {
            let id = reader.wide(version > 0)?;
            for _ in 0..reader.byte()? {
                // The first bit says whether it must be understood.
                let place = if flags & 1 > 0 {
                    reader.short()? & 0x7fff
                } else {
                    u16::from(reader.byte()? & 0x7f)
                };
                let property = usize::from(place)
                    .checked_sub(1)
                    .and_then(|at| properties.get(at));
                if let (Some(item), Some(property)) = (self.item_mut(id), property) {
                    item.properties.push(*property);
                }
            }
        }
        Some(())
    }
}

fn primary(mut reader: Reader<'_>) -> Option<u32> {
    let (version, _) = reader.version()?;
    reader.wide(version > 0)
}

/// Which items there are (`iinf`).
fn listed(mut reader: Reader<'_>) -> Option<Vec<Item<'_>>> {
    let (version, _) = reader.version()?;
    reader.wide(version > 0)?;
    let entries = reader.parts().filter(|part| &part.kind == b"infe");
    Some(
        entries
            .filter_map(|part| entry(Reader(part.content)))
            .collect(),
    )
}

fn entry(mut reader: Reader<'_>) -> Option<Item<'_>> {
    let (version, _) = reader.version()?;
    let id = reader.wide(version > 2)?;
    reader.short()?;
    let kind = reader.name()?;
    // A name, and for other kinds of files which.
    let is_xmp = &kind == b"mime"
        && reader.text().and_then(|_| reader.text()) == Some(b"application/rdf+xml");
    Some(Item {
        id,
        kind,
        is_xmp,
        ..Item::default()
    })
}

/// Which items refer to which (`iref`).
fn referred(mut reader: Reader<'_>) -> Option<Vec<([u8; 4], u32, u32)>> {
    let (version, _) = reader.version()?;
    let mut references = Vec::new();
    for Part { kind, content } in reader.parts() {
        let mut reader = Reader(content);
        let from = reader.wide(version > 0)?;
        for _ in 0..reader.short()? {
            references.push((kind, from, reader.wide(version > 0)?));
        }
    }
    Some(references)
}
