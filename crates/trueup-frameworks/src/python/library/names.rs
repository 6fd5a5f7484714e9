//! What there is: functions, types, exceptions, modules and methods of Python's own.

use std::rc::Rc;

use super::super::value::{Builtin, Kind, Value};

/// Functions and types that are there without an import.
const BUILTINS: &[&str] = &[
    "abs",
    "all",
    "any",
    "ascii",
    "bin",
    "bool",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
    "__import__",
    "NotImplemented",
    "Ellipsis",
];

/// Exceptions, each with its parent.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("BaseException", ""),
    ("Exception", "BaseException"),
    ("SystemExit", "BaseException"),
    ("KeyboardInterrupt", "BaseException"),
    ("GeneratorExit", "BaseException"),
    ("ArithmeticError", "Exception"),
    ("ZeroDivisionError", "ArithmeticError"),
    ("OverflowError", "ArithmeticError"),
    ("FloatingPointError", "ArithmeticError"),
    ("AssertionError", "Exception"),
    ("AttributeError", "Exception"),
    ("BufferError", "Exception"),
    ("EOFError", "Exception"),
    ("ImportError", "Exception"),
    ("ModuleNotFoundError", "ImportError"),
    ("LookupError", "Exception"),
    ("IndexError", "LookupError"),
    ("KeyError", "LookupError"),
    ("MemoryError", "Exception"),
    ("NameError", "Exception"),
    ("UnboundLocalError", "NameError"),
    ("OSError", "Exception"),
    ("IOError", "Exception"),
    ("EnvironmentError", "Exception"),
    ("FileNotFoundError", "OSError"),
    ("FileExistsError", "OSError"),
    ("PermissionError", "OSError"),
    ("NotADirectoryError", "OSError"),
    ("IsADirectoryError", "OSError"),
    ("ConnectionError", "OSError"),
    ("ConnectionRefusedError", "ConnectionError"),
    ("TimeoutError", "OSError"),
    ("ReferenceError", "Exception"),
    ("RuntimeError", "Exception"),
    ("NotImplementedError", "RuntimeError"),
    ("RecursionError", "RuntimeError"),
    ("StopIteration", "Exception"),
    ("SyntaxError", "Exception"),
    ("SystemError", "Exception"),
    ("TypeError", "Exception"),
    ("ValueError", "Exception"),
    ("UnicodeError", "ValueError"),
    ("UnicodeDecodeError", "UnicodeError"),
    ("UnicodeEncodeError", "UnicodeError"),
    ("Warning", "Exception"),
    ("DeprecationWarning", "Warning"),
    ("PendingDeprecationWarning", "Warning"),
    ("FutureWarning", "Warning"),
    ("ImportWarning", "Warning"),
    ("ResourceWarning", "Warning"),
    ("RuntimeWarning", "Warning"),
    ("SyntaxWarning", "Warning"),
    ("UserWarning", "Warning"),
    ("UnicodeWarning", "Warning"),
];

const TEXT: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "index",
    "isalnum",
    "isalpha",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];
const FURTHER_TEXT: &[&str] = &["format_map", "isascii", "isprintable", "maketrans", "translate"];
const BYTES: &[&str] = &["decode", "hex", "startswith", "endswith"];
const FURTHER_BYTES: &[&str] =
    &["find", "join", "replace", "split", "strip", "upper", "lower", "fromhex", "count"];
const LIST: &[&str] =
    &["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"];
const TUPLE: &[&str] = &["count", "index"];
const DICT: &[&str] = &[
    "clear",
    "copy",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
    "fromkeys",
];
const SET: &[&str] = &[
    "add",
    "clear",
    "copy",
    "difference",
    "discard",
    "intersection",
    "isdisjoint",
    "issubset",
    "issuperset",
    "remove",
    "symmetric_difference",
    "union",
    "update",
    "difference_update",
    "intersection_update",
];
const FURTHER_SET: &[&str] = &["pop", "symmetric_difference_update"];
const NUMBER: &[&str] = &["bit_length", "is_integer"];
const FURTHER_NUMBER: &[&str] = &[
    "as_integer_ratio",
    "conjugate",
    "denominator",
    "from_bytes",
    "fromhex",
    "hex",
    "imag",
    "numerator",
    "real",
    "to_bytes",
    "bit_count",
];
const PATH: &[&str] = &[
    "absolute",
    "as_posix",
    "exists",
    "is_absolute",
    "is_dir",
    "is_file",
    "joinpath",
    "open",
    "read_text",
    "relative_to",
    "resolve",
    "with_name",
    "with_suffix",
    "read_bytes",
    "with_stem",
    "is_relative_to",
];
const FURTHER_PATH: &[&str] = &[
    "as_uri",
    "chmod",
    "cwd",
    "expanduser",
    "glob",
    "hardlink_to",
    "home",
    "is_symlink",
    "iterdir",
    "lstat",
    "match",
    "mkdir",
    "owner",
    "rename",
    "replace",
    "rglob",
    "rmdir",
    "samefile",
    "stat",
    "symlink_to",
    "touch",
    "unlink",
    "write_bytes",
    "write_text",
    "drive",
    "root",
    "anchor",
    "walk",
    "group",
    "readlink",
];
const ITERATOR: &[&str] = &[];
const FURTHER_ITERATOR: &[&str] = &["send", "throw", "close"];
const RANGE_PARTS: &[&str] = &["start", "stop", "step"];

/// The function, type or exception of this name.
pub(in super::super) fn builtin(name: &str) -> Option<Builtin> {
    let known = BUILTINS.iter().copied().chain(EXCEPTIONS.iter().map(|(name, _)| *name));
    known.into_iter().find(|known| *known == name).map(Builtin)
}

pub(in super::super) fn is_exception(name: &str) -> bool {
    EXCEPTIONS.iter().any(|(known, _)| *known == name)
}

/// Whether one of Python's own exceptions is another, or descends from it.
pub(in super::super) fn descends(name: &str, ancestor: &str) -> bool {
    let one = |name: &str| {
        if matches!(name, "IOError" | "EnvironmentError") { "OSError".to_owned() } else { name.to_owned() }
    };
    let (mut name, ancestor) = (one(name), one(ancestor));
    while name != ancestor {
        match EXCEPTIONS.iter().find(|(known, _)| *known == name) {
            Some((_, parent)) if !parent.is_empty() => name = (*parent).to_owned(),
            Some(_) | None => return false,
        }
    }
    true
}

/// The dotted path under which an exception of Python's own is an object.
pub(in super::super) fn exception_name(class: &Value) -> Rc<str> {
    match &class.kind {
        Kind::Builtin(builtin) => format!("builtins.{}", builtin.name()).into(),
        _ => class.dotted().unwrap_or_else(|| "builtins.Exception".into()),
    }
}

pub(super) fn methods_of(value: &Value) -> &'static [&'static str] {
    match &value.kind {
        Kind::Str(_) => TEXT,
        Kind::Bytes(_) => BYTES,
        Kind::List(_) => LIST,
        Kind::Tuple(_) | Kind::Range { .. } => TUPLE,
        Kind::Dict(_) => DICT,
        Kind::Set(_) => SET,
        Kind::Int(_) | Kind::Bool(_) | Kind::Float(_) => NUMBER,
        Kind::Path(_) => PATH,
        _ => ITERATOR,
    }
}

pub(super) fn further_methods_of(value: &Value) -> &'static [&'static str] {
    match &value.kind {
        Kind::Str(_) => FURTHER_TEXT,
        Kind::Bytes(_) => FURTHER_BYTES,
        Kind::Set(_) => FURTHER_SET,
        Kind::Int(_) | Kind::Bool(_) | Kind::Float(_) => FURTHER_NUMBER,
        Kind::Path(_) => FURTHER_PATH,
        Kind::Range { .. } | Kind::Slice(_) => RANGE_PARTS,
        Kind::Tuple(items) if items.len() == 5 => &["major", "minor", "micro", "releaselevel", "serial"],
        // It stands for an OrderedDict as well.
        Kind::Dict(_) => &["move_to_end"],
        _ => FURTHER_ITERATOR,
    }
}

/// `str.strip`, as a function of its own: the receiver is the first argument.
pub(in super::super) fn method_of_builtin(builtin: Builtin, name: &str) -> Option<Builtin> {
    let methods: &[(&str, &'static str)] = match builtin.name() {
        "str" => &[
            ("strip", "str.strip"),
            ("lower", "str.lower"),
            ("upper", "str.upper"),
            ("title", "str.title"),
            ("capitalize", "str.capitalize"),
            ("split", "str.split"),
            ("join", "str.join"),
            ("format", "str.format"),
            ("startswith", "str.startswith"),
            ("endswith", "str.endswith"),
            ("isdigit", "str.isdigit"),
            ("lstrip", "str.lstrip"),
            ("rstrip", "str.rstrip"),
            ("replace", "str.replace"),
        ],
        "dict" => &[("fromkeys", "dict.fromkeys")],
        _ => &[],
    };
    methods.iter().find(|(known, _)| *known == name).map(|(_, whole)| Builtin(whole))
}
