//! Python's pickle format as data: what objects would be made of, never what they would do.
//!
//! After Lib/pickletools.py of `CPython`, protocols 2 to 5. Each instruction takes constant time and
//! room, so that a pickle cannot ask for more than its own length.

use std::collections::HashMap;

/// Ten times what large models need: a pickle holds names and shapes, not numbers.
const LONGEST: usize = 16 << 20;

/// Where a value lies among all of a pickle.
pub(super) type Id = usize;

/// What an instruction put together.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    Int(i64),
    Bool(bool),
    Text(&'a str),
    /// A list or a tuple.
    Sequence(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    /// A class or a function by name.
    Global {
        module: &'a str,
        name: &'a str,
    },
    /// What a call of `by` with `with` would give, and the state it would then be given.
    Made {
        by: Id,
        with: Id,
        state: Option<Id>,
    },
    /// What lies outside of the pickle: torch's storages.
    Persistent(Id),
    /// Numbers, bytes, sets and such that describe no tensor.
    Other,
}

/// All values of a pickle.
pub(super) struct Objects<'a> {
    values: Vec<Value<'a>>,
    pub(super) root: Id,
}

impl<'a> Objects<'a> {
    pub(super) fn get(&self, id: Id) -> &Value<'a> {
        &self.values[id]
    }

    /// Each value once, whatever it is part of.
    pub(super) fn all(&self) -> impl Iterator<Item = &Value<'a>> {
        self.values.iter()
    }
}

/// Puts together what the pickle at the start of `bytes` describes; and what follows it.
pub(super) fn read(bytes: &[u8]) -> Result<(Objects<'_>, &[u8]), String> {
    let within = &bytes[..bytes.len().min(LONGEST)];
    let mut machine = Machine {
        rest: within,
        values: Vec::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
    };
    loop {
        let [code] = *machine.take_array()?;
        if code == b'.' {
            let root = machine.pop()?;
            let objects = Objects {
                values: machine.values,
                root,
            };
            return Ok((objects, &bytes[within.len() - machine.rest.len()..]));
        }
        machine.step(code)?;
    }
}

struct Machine<'a> {
    rest: &'a [u8],
    values: Vec<Value<'a>>,
    stack: Vec<Id>,
    /// Heights of the stack where marks are.
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

fn broken() -> String {
    "its description of objects is broken".to_owned()
}

impl<'a> Machine<'a> {
    fn step(&mut self, code: u8) -> Result<(), String> {
        match code {
            // PROTO, FRAME
            0x80 => self.skip(1),
            0x95 => self.skip(8),
            b'(' => {
                self.marks.push(self.stack.len());
                Ok(())
            }
            // POP, POP_MARK, DUP
            b'0' => self.pop().map(drop),
            b'1' => self.take_marked().map(drop),
            b'2' => self.top().map(|top| self.stack.push(top)),
            b'q' | b'r' | 0x94 => self.put(code),
            b'h' | b'j' => self.get(code),
            b'N' | 0x88 | 0x89 | b'G' | b'J' | b'K' | b'M' | 0x8a | 0x8b => self.number(code),
            b'X' | 0x8c | 0x8d | b'T' | b'U' | b'B' | b'C' | 0x8e => self.text(code),
            b')' | b't' | 0x85..=0x87 | b']' | b'l' | b'}' | b'd' | 0x8f | 0x91 => {
                self.container(code)
            }
            b'a' | b'e' | b's' | b'u' | 0x90 => self.fill(code),
            b'c' | 0x93 => self.global(code),
            b'R' | 0x81 | 0x92 | b'b' | b'Q' => self.make(code),
            _ => Err(format!(
                "its description of objects has the instruction {code:#04x}, which weights do not need"
            )),
        }
    }

    fn put(&mut self, code: u8) -> Result<(), String> {
        let key = match code {
            b'q' => u32::from(self.take_array::<1>()?[0]),
            b'r' => u32::from_le_bytes(*self.take_array()?),
            _ => self.memo.len() as u32,
        };
        let top = self.top()?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn get(&mut self, code: u8) -> Result<(), String> {
        let key = match code {
            b'h' => u32::from(self.take_array::<1>()?[0]),
            _ => u32::from_le_bytes(*self.take_array()?),
        };
        let id = *self.memo.get(&key).ok_or_else(broken)?;
        self.stack.push(id);
        Ok(())
    }

    /// Numbers; those that could be no size count as nothing.
    fn number(&mut self, code: u8) -> Result<(), String> {
        let value = match code {
            b'J' => Value::Int(i64::from(i32::from_le_bytes(*self.take_array()?))),
            b'K' => Value::Int(i64::from(self.take_array::<1>()?[0])),
            b'M' => Value::Int(i64::from(u16::from_le_bytes(*self.take_array()?))),
            b'G' => {
                self.skip(8)?;
                Value::Other
            }
            0x8a => {
                let [length] = *self.take_array()?;
                long(self.take(usize::from(length))?)
            }
            0x8b => {
                let length = self.length(4)?;
                long(self.take(length)?)
            }
            0x88 | 0x89 => Value::Bool(code == 0x88),
            _ => Value::Other,
        };
        self.push(value);
        Ok(())
    }

    fn text(&mut self, code: u8) -> Result<(), String> {
        let length = match code {
            0x8c | b'U' | b'C' => self.length(1)?,
            0x8d | 0x8e => self.length(8)?,
            _ => self.length(4)?,
        };
        let bytes = self.take(length)?;
        let value = match code {
            b'B' | b'C' | 0x8e => Value::Other,
            // Python's own texts may hold what is no character elsewhere.
            _ => std::str::from_utf8(bytes).map_or(Value::Other, Value::Text),
        };
        self.push(value);
        Ok(())
    }

    fn container(&mut self, code: u8) -> Result<(), String> {
        let value = match code {
            b't' | b'l' => Value::Sequence(self.take_marked()?),
            0x85..=0x87 => {
                let count = usize::from(code - 0x84);
                let start = self.stack.len().checked_sub(count).ok_or_else(broken)?;
                Value::Sequence(self.stack.split_off(start))
            }
            b'}' => Value::Dict(Vec::new()),
            b'd' => Value::Dict(pairs(&self.take_marked()?)?),
            0x8f => Value::Other,
            0x91 => {
                self.take_marked()?;
                Value::Other
            }
            _ => Value::Sequence(Vec::new()),
        };
        self.push(value);
        Ok(())
    }

    /// More for the container below.
    fn fill(&mut self, code: u8) -> Result<(), String> {
        let more = match code {
            b'a' => vec![self.pop()?],
            b's' => {
                let value = self.pop()?;
                vec![self.pop()?, value]
            }
            _ => self.take_marked()?,
        };
        let top = self.top()?;
        match (&mut self.values[top], code) {
            (Value::Sequence(items), b'a' | b'e') => items.extend(more),
            (Value::Dict(entries), b's' | b'u') => entries.extend(pairs(&more)?),
            // Sets, and objects that behave like containers.
            _ => {}
        }
        Ok(())
    }

    fn global(&mut self, code: u8) -> Result<(), String> {
        let (module, name) = if code == b'c' {
            (self.line()?, self.line()?)
        } else {
            let (name, module) = (self.pop()?, self.pop()?);
            match (&self.values[module], &self.values[name]) {
                (&Value::Text(module), &Value::Text(name)) => (module, name),
                _ => return Err(broken()),
            }
        };
        self.push(Value::Global { module, name });
        Ok(())
    }

    fn make(&mut self, code: u8) -> Result<(), String> {
        let top = self.pop()?;
        let value = match code {
            b'Q' => Value::Persistent(top),
            b'b' => {
                let object = self.top()?;
                // An ordered dictionary is given attributes too; they describe no tensor.
                if let Value::Made { state, .. } = &mut self.values[object] {
                    *state = Some(top);
                }
                return Ok(());
            }
            _ => {
                // NEWOBJ_EX has named arguments on top.
                let with = if code == 0x92 { self.pop()? } else { top };
                let by = self.pop()?;
                match self.values[by] {
                    Value::Global {
                        module: "collections",
                        name: "OrderedDict" | "defaultdict",
                    } => Value::Dict(Vec::new()),
                    _ => Value::Made {
                        by,
                        with,
                        state: None,
                    },
                }
            }
        };
        self.push(value);
        Ok(())
    }

    fn push(&mut self, value: Value<'a>) {
        self.stack.push(self.values.len());
        self.values.push(value);
    }

    /// The value on top, which a mark must not hide.
    fn top(&self) -> Result<Id, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let above = self.stack.get(floor..).unwrap_or_default();
        above.last().copied().ok_or_else(broken)
    }

    fn pop(&mut self) -> Result<Id, String> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn take_marked(&mut self) -> Result<Vec<Id>, String> {
        let mark = self.marks.pop().ok_or_else(broken)?;
        if mark > self.stack.len() {
            return Err(broken());
        }
        Ok(self.stack.split_off(mark))
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(broken)?;
        self.rest = rest;
        Ok(taken)
    }

    fn take_array<const N: usize>(&mut self) -> Result<&'a [u8; N], String> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(broken)?;
        self.rest = rest;
        Ok(taken)
    }

    fn skip(&mut self, count: usize) -> Result<(), String> {
        self.take(count).map(drop)
    }

    /// A length in `count` bytes, little end first.
    fn length(&mut self, count: usize) -> Result<usize, String> {
        let mut bytes = [0; 8];
        bytes[..count].copy_from_slice(self.take(count)?);
        usize::try_from(u64::from_le_bytes(bytes)).map_err(|_too_large| broken())
    }

    fn line(&mut self) -> Result<&'a str, String> {
        let end = self.rest.iter().position(|&byte| byte == b'\n');
        let line = self.take(end.ok_or_else(broken)?)?;
        self.skip(1)?;
        std::str::from_utf8(line).map_err(|_foreign| broken())
    }
}

fn pairs(ids: &[Id]) -> Result<Vec<(Id, Id)>, String> {
    let (pairs, rest) = ids.as_chunks::<2>();
    if rest.is_empty() {
        Ok(pairs.iter().map(|&[key, value]| (key, value)).collect())
    } else {
        Err(broken())
    }
}

/// A whole number of any length, little end first, in two's complement.
fn long<'a>(bytes: &[u8]) -> Value<'a> {
    if bytes.len() > 8 {
        return Value::Other;
    }
    let negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let mut whole = if negative { [0xff; 8] } else { [0; 8] };
    whole[..bytes.len()].copy_from_slice(bytes);
    Value::Int(i64::from_le_bytes(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_are_read() {
        for (bytes, expected) in [
            (&b"K\x07."[..], 7),
            (b"M\x01\x02.", 513),
            (b"J\xff\xff\xff\xff.", -1),
            (b"\x8a\x00.", 0),
            (b"\x8a\x01\x80.", -128),
            (b"\x8a\x05\x00\x00\x00\x00\x01.", 1 << 32),
            (b"\x8b\x01\x00\x00\x00\x05.", 5),
        ] {
            let (objects, _) = read(bytes).unwrap();
            assert_eq!(objects.get(objects.root), &Value::Int(expected));
        }
    }

    #[test]
    fn what_is_filled_after_it_was_remembered_is_remembered_full() {
        // d = {}; d["a"] = 1; (d, d)
        let (objects, rest) = read(b"(}q\x00U\x01aK\x01sh\x00t.and more").unwrap();
        assert_eq!(rest, b"and more");
        let Value::Sequence(items) = objects.get(objects.root) else {
            panic!("not a tuple")
        };
        assert_eq!(items[0], items[1]);
        assert!(matches!(objects.get(items[1]), Value::Dict(entries) if entries.len() == 1));
    }

    #[test]
    fn broken_pickles_are_refused() {
        for bytes in [
            &b""[..],
            b".",
            b"K",
            b"h\x00.",
            b"0.",
            b"t.",
            b"(0.",
            b"K\x01(.",
            b"}(K\x01u.",
            b"X\xff\xff\xff\xffabc.",
            b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc.",
            b"cno line",
            b"K\x01\x93.",
            b"ios\nsystem\n.",
            b"\x87.",
        ] {
            assert!(read(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn calls_are_kept_as_data() {
        let (objects, _) = read(b"cos\nsystem\nU\x09rm -rf ./\x85R.").unwrap();
        let Value::Made { by, .. } = objects.get(objects.root) else {
            panic!("not a call")
        };
        let named = Value::Global {
            module: "os",
            name: "system",
        };
        assert_eq!(objects.get(*by), &named);
    }
}
