//! No text makes the evaluator panic, hang or fill the stack.

use std::rc::Rc;

use proptest::prelude::*;

use super::super::{Memory, Surroundings, World, display, shown, unknowns_within, value::Arguments};

/// Reads a text as a module, looks at everything in it, and calls what can be called without arguments.
fn survive(bytes: &[u8]) {
    let files = Memory::new([
        ("/p/main.py", bytes.to_vec()),
        ("/p/other.py", b"from main import *\nx = 1\n".to_vec()),
    ]);
    let mut surroundings = Surroundings::new(Rc::new(files), "/p");
    surroundings.opaque = vec!["django".to_owned()];
    let world = World::new(surroundings);
    let Ok(module) = world.module("main") else { return };
    for (name, _) in module.scope.entries() {
        let Some(value) = world.get(&module, &name) else { continue };
        let _ = (shown(&value), display(&value), unknowns_within(&value), world.iterate(&value));
        let called = world.call(&value, Arguments::default());
        let _ = (shown(&called), world.attribute(&called, "x"), world.is_true(&called));
    }
    for problem in world.problems() {
        assert!(!problem.message.is_empty());
    }
}

#[test]
fn texts_that_are_made_to_hurt_are_survived() {
    let deep = |open: &str, close: &str, times: usize| {
        format!("x = {}1{}\n", open.repeat(times), close.repeat(times))
    };
    let blocks: String = (0..2_000).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect();
    for text in [
        deep("(", ")", 100_000),
        deep("[", "]", 100_000),
        deep("{1:", "}", 50_000),
        deep("(", ")", 1_400),
        deep("[", "]", 1_400),
        deep("f(", ")", 1_000),
        deep("-", "", 200_000),
        deep("not ", "", 100_000),
        deep("lambda: ", "", 50_000),
        deep("1 if x else ", "", 50_000),
        deep("f'{", "}'", 2_000),
        format!("x = 1{}\n", " + 1".repeat(100_000)),
        format!("x = 'a'{}\n", " + 'a'".repeat(1_400)),
        format!("x = a{}\n", ".b".repeat(100_000)),
        format!("x = a{}\n", "()".repeat(100_000)),
        format!("x = a{}\n", "[0]".repeat(1_000)),
        format!("{}x\n", "@a\n".repeat(5_000)),
        format!("x = {}1\n", "y = ".repeat(20_000)),
        format!("{blocks}{} pass\n", " ".repeat(2_000)),
        format!("x = {}\n", "9".repeat(100_000)),
        "x = list(range(10 ** 18))\n".to_owned(),
        "x = [0] * 10 ** 12\ny = 'a' * 10 ** 12\nz = 2 ** 10 ** 9\nw = 1 << 10 ** 9\n".to_owned(),
        "def f(n): return f(n + 1)\nx = f(0)\n".to_owned(),
        "def f(): return f\nwhile f: f = f()\n".to_owned(),
        "x = 'ab'\nfor i in range(10 ** 6): x += x\n".to_owned(),
        "x = []\nfor i in range(10 ** 6): x = [x, x]\ny = x == x\nz = str(x)\n".to_owned(),
        "x = []\nx.append(x)\ny = str(x)\nz = x == [x]\nw = x in x\n".to_owned(),
        "x = {}\nx['x'] = x\ny = repr(x)\nimport copy\nz = copy.deepcopy(x)\n".to_owned(),
        "class A:\n    def __getattr__(self, n): return getattr(self, n + 'x')\nx = A().y\n".to_owned(),
        "class A:\n    def __eq__(self, o): return self == o\nx = A() == A()\n".to_owned(),
        "class A:\n    def __iter__(self): return iter(self)\nx = list(A())\n".to_owned(),
        "class A: pass\nfor i in range(3000):\n    class A(A): pass\nx = A().y\n".to_owned(),
        "x = a\nfor i in range(100000): x = x.b\n".to_owned(),
        "from django import a as x\nfor i in range(100000): x = x.b()\ny = str(x)\n".to_owned(),
        "import main, other\nfrom main import x\nfrom other import *\n".to_owned(),
        "while True: pass\nx = 1\n".to_owned(),
        "x = [y for a in range(1000) for b in range(1000) for c in range(1000) for y in 'ab']\n".to_owned(),
        "x = '%999999999999d' % 1\ny = '{:999999999999}'.format(1)\nz = 'a'.ljust(10 ** 15)\nw = f'{1:{10 ** 15}}'\n".to_owned(),
        "try:\n    x = unknown()\nexcept: x = 1\nfinally: y = x\n".to_owned(),
        "def f(n):\n    if unknown: return f(n + 1)\n    return f(n + 2)\nx = f(0)\n".to_owned(),
        format!("import unknown\n{}", "if unknown.x: a = 1\nelse: a = 2\n".repeat(2_000)),
        format!("import u\n{}", (0..200).map(|depth| format!("{}if u.x:\n", " ".repeat(depth))).collect::<String>() + &" ".repeat(200) + "a = 1\n"),
        "import u\ndef f(n):\n    for i in u: f(n)\n    while u.x: f(n)\nx = f(1)\n".to_owned(),
    ] {
        survive(text.as_bytes());
    }
}

/// Pieces that programs are made of.
const PIECES: &[&str] = &[
    "x",
    "y",
    "f",
    "A",
    "self",
    "1",
    "-1",
    "0",
    "'a'",
    "b'a'",
    "f'{x}'",
    "None",
    "True",
    "[]",
    "{}",
    "()",
    "...",
    "[x, 1]",
    "{x: 1}",
    "{1, 2}",
    "lambda: x",
    "x.y",
    "x()",
    "f(x, *y, **{})",
    "x[0]",
    "x[::-1]",
    "x + y",
    "x * 3",
    "x % y",
    "x if y else f",
    "not x",
    "x and y",
    "x or f",
    "x < y",
    "x in y",
    "x is None",
    "[i for i in x]",
    "{i: i for i in x if i}",
    "sorted(x)",
    "len(x)",
    "range(3)",
    "getattr(x, 'y', 1)",
    "isinstance(x, A)",
    "super()",
    "import_nothing",
    "x.append(y)",
    "x.update(y)",
    "x.pop()",
    "x.items()",
    "'%s' % x",
    "'{}'.format(x)",
    "dict(x)",
    "list(x)",
    "next(x)",
    "iter(x)",
    "globals()",
    "locals()",
    "x := 1",
    "*x",
    "yield x",
    "print(x)",
    "type(x)",
    "str(x)",
];

const FRAMES: &[&str] = &[
    "x = {}",
    "y = {}",
    "x += {}",
    "x.y = {}",
    "x['a'] = {}",
    "del x",
    "if {}:\n    {}\nelse:\n    {}",
    "for x in {}:\n    {}",
    "while {}:\n    {}\n    break",
    "def f(x=1, *y, **z):\n    {}\n    return {}",
    "class A:\n    x = {}\n    def f(self):\n        return {}",
    "class A(A):\n    y = {}",
    "try:\n    {}\nexcept Exception:\n    {}\nfinally:\n    {}",
    "with {} as x:\n    {}",
    "raise {}",
    "assert {}",
    "import os, django as x",
    "from other import *",
    "from django import f",
    "x, *y = {}",
    "x = y = {}",
    "match {}:\n    case [x, *y]:\n        {}\n    case {{'a': f}} | 1:\n        {}",
    "@f\ndef f(x):\n    global y\n    y = {}",
    "{}",
    "x[1:2] = {}",
    "f({})",
    "A({})",
    "A().f()",
];

fn program() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES);
    let statement =
        (prop::sample::select(FRAMES), prop::collection::vec(piece, 3)).prop_map(|(frame, pieces)| {
            let mut text = frame.replace("{{", "\0").replace("}}", "\u{1}");
            for piece in pieces {
                text = text.replacen("{}", piece, 1);
            }
            text.replace('\0', "{").replace('\u{1}', "}") + "\n"
        });
    prop::collection::vec(statement, 1..25).prop_map(|statements| statements.concat())
}

/// A migration and settings as people write them, to be damaged.
const REAL: &str = "\
import os
from pathlib import Path
from django.db import migrations, models
import django.db.models.deletion

BASE = Path(__file__).resolve().parent
APPS = ['a'] + [f'app_{n}' for n in range(3)]
DATABASES = {'default': {'ENGINE': 'x', 'NAME': os.environ.get('NAME', 'n'), 'OPTIONS': {**{}}}}

def forwards(apps, schema_editor):
    for item in apps.get_model('a', 'B').objects.all():
        item.save()

class Migration(migrations.Migration):
    dependencies = [('a', '0001_initial'), migrations.swappable_dependency('auth.User')]
    operations = [
        migrations.CreateModel(
            name='B',
            fields=[('id', models.AutoField(primary_key=True)), ('c', models.CharField(max_length=2 ** 3, choices=[(k, k) for k in 'ab']))],
            options={'unique_together': {('id', 'c')}},
        ),
        migrations.RunPython(forwards, lambda *args: None),
    ]
    if APPS:
        operations += [migrations.RunSQL('SELECT %s' % len(APPS))]
";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survive(&bytes);
    }

    #[test]
    fn programs_of_pieces_are_survived(text in program()) {
        survive(text.as_bytes());
    }

    #[test]
    fn damaged_files_are_survived(at in 0..REAL.len(), length in 0..40_usize, other in 0..REAL.len(), with in ".{0,6}") {
        let mut bytes = REAL.as_bytes().to_vec();
        let moved: Vec<u8> = bytes[other..(other + length).min(REAL.len())].to_vec();
        bytes.splice(at..(at + length).min(REAL.len()), moved.into_iter().chain(with.into_bytes()));
        survive(&bytes);
    }
}
