//! What modules come to.

mod fuzz;

use std::rc::Rc;

use super::*;

/// Reads `main.py` beside other files.
fn world(files: &[(&str, &str)]) -> World {
    let files = files.iter().map(|(path, text)| (format!("/p/{path}"), *text));
    let mut surroundings = Surroundings::new(Rc::new(Memory::new(files)), "/p");
    surroundings.opaque = vec!["django".to_owned()];
    surroundings.complete = true;
    World::new(surroundings)
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    check_in(&world(&[("main.py", text)]), expected);
}

#[track_caller]
fn check_in(world: &World, expected: &[(&str, &str)]) {
    let module = world.module("main").unwrap_or_else(|unknown| panic!("{unknown:?}"));
    for (name, wanted) in expected {
        let value = world.get(&module, name).map(|value| shown(&value));
        assert_eq!(value.as_deref(), Some(*wanted), "{name}; {:?}", world.problems());
    }
}

#[test]
fn a_module_may_work_out_its_names() {
    let lazy =
        "def __getattr__(name):\n    if name == 'LIMIT':\n        return 7\n    raise AttributeError(name)\n";
    let main =
        "import lazy\nfrom lazy import LIMIT\nother = getattr(lazy, 'OTHER', 'none')\nown = lazy.LIMIT\n";
    let world = world(&[("main.py", main), ("lazy.py", lazy)]);
    check_in(&world, &[("own", "7"), ("LIMIT", "7"), ("other", "'none'")]);
}

/// What a metaclass adds is not known, and not missing.
#[test]
fn a_metaclass_may_add_names() {
    let text = "\
class Meta(type):
    def __new__(cls, name, bases, body):
        body['choices'] = list(body)
        return type.__new__(cls, name, bases, body)
class Base(metaclass=Meta):
    pass
class Kind(Base):
    new = 'n'
own = Kind.new
added = Kind.choices
";
    check(text, &[("own", "'n'"), ("added", "<not known: Kind.choices is not followed>")]);
}

#[test]
fn what_is_called_is_seen_with_what_it_depends_on() {
    let text = "\
import django
def work(given):
    given.first()
    if given.asked():
        given.second()
    for item in [1, 2]:
        given.third(item)
    try:
        given.fourth()
    except ValueError:
        pass
    if given.asked():
        return
    given.fifth()
";
    let world = world(&[("main.py", text)]);
    let module = world.module("main").expect("the module");
    let work = world.get(&module, "work").expect("the function");
    let given = Value::name("django.given", &work.spot);
    let seen = world.witnessed(&work, value::Arguments { args: vec![given], kwargs: Vec::new() });
    assert!(seen.lost.is_none());
    let told: Vec<String> = seen
        .seen
        .iter()
        .map(|call| {
            format!("{} {}", shown(&call.function), if call.unsure.is_some() { "perhaps" } else { "surely" })
        })
        .filter(|call| !call.contains("asked"))
        .map(|call| call.replace("django.given.", ""))
        .collect();
    assert_eq!(
        told,
        ["first surely", "second perhaps", "third surely", "third surely", "fourth perhaps", "fifth perhaps"]
    );
}

#[test]
fn a_migration_is_read() {
    let text = "\
from django.db import migrations, models
import django.db.models.deletion as deletion

class Migration(migrations.Migration):
    initial = True
    dependencies = [('auth', '0001_initial')] + [('shop', f'{n:04}_x') for n in range(1, 3)]
    operations = [
        migrations.CreateModel(name='Item', fields=[('id', models.AutoField(primary_key=True))]),
    ]
    operations.append(migrations.AddField('item', 'of', models.ForeignKey(on_delete=deletion.CASCADE, to='shop.Item')))
dependencies = Migration.dependencies
operations = Migration.operations
";
    check(
        text,
        &[
            ("dependencies", "[('auth', '0001_initial'), ('shop', '0001_x'), ('shop', '0002_x')]"),
            (
                "operations",
                "[django.db.migrations.CreateModel(name='Item', fields=[('id', django.db.models.AutoField(primary_key=True))]), django.db...",
            ),
        ],
    );
}

#[test]
fn what_is_not_known_says_why_and_where_wherever_it_went() {
    let text = "\
from missing import thing
a = thing(1)
b = [a, 2]
c = 'x' + a.y
if a:
    d, e = 1, 1
else:
    d, e = 2, 1
for item in a:
    f = item
    b.append(1)
g = 5
def h():
    return a.b['c']
h = h()
";
    let world = world(&[("main.py", text)]);
    let module = world.module("main").unwrap_or_else(|unknown| panic!("{unknown:?}"));
    for name in ["a", "b", "c", "d", "f", "h"] {
        let why = world.get(&module, name).and_then(|value| unknowns_within(&value).into_iter().next());
        let why = why.unwrap_or_else(|| panic!("{name} is known"));
        assert_eq!(
            (why.reason.as_str(), why.place.line, &*why.place.file),
            ("no module named missing", 1, "main.py")
        );
    }
    check_in(&world, &[("e", "1"), ("g", "5")]);
}

#[test]
fn a_list_that_is_changed_on_one_way_only_is_unknown_for_all_who_hold_it() {
    let text = "\
import os
a = b = [1]
c = [1]
if os.cpu_count():
    a.append(2)
    c.append(3)
else:
    c.append(3)
d = b
";
    let unknown = "<not known: whether os.cpu_count() is true is not known>";
    check(text, &[("d", unknown), ("a", unknown), ("c", "[1, 3]")]);
}

#[test]
fn a_way_that_raises_is_not_the_one_that_works() {
    let text = "\
import os
if os.cpu_count():
    raise RuntimeError('no')
else:
    a = 1
def f(x):
    if not x:
        raise ValueError
    return 1
b = f(os.cpu_count())
";
    check(text, &[("a", "1"), ("b", "1")]);
}

#[test]
fn what_may_have_raised_leaves_both_ways_open() {
    let text = "\
from missing import thing
a = 1
try:
    a = 2
    thing()
    b = 3
except Exception:
    c = 4
d = 5
";
    let world = world(&[("main.py", text)]);
    let module = world.module("main").unwrap_or_else(|unknown| panic!("{unknown:?}"));
    for name in ["a", "b", "c"] {
        assert!(world.get(&module, name).is_some_and(|value| value.is_unknown()), "{name}");
    }
    check_in(&world, &[("d", "5")]);
}

#[test]
fn modules_are_read_when_something_in_them_is_asked_for() {
    let world = world(&[
        (
            "main.py",
            "from shop.models import PRICE, Item\nfrom shop import models\na = PRICE\nb = models.Item.name\n",
        ),
        ("shop/__init__.py", ""),
        ("shop/models.py", "from shop.broken import nothing\nPRICE = 5\nclass Item:\n    name = 'x'\n"),
        ("shop/broken.py", "this is no Python\n"),
    ]);
    check_in(&world, &[("a", "5"), ("b", "'x'")]);
    assert_eq!(world.problems(), [], "nobody asked for what is in broken.py");
    let broken = world.module("shop.broken").unwrap_or_else(|unknown| panic!("{unknown:?}"));
    assert!(broken.why_broken().is_some());
    let problem = &world.problems()[0];
    assert_eq!(
        (&*problem.place.file, problem.place.line, problem.kind),
        ("shop/broken.py", 1, ProblemKind::Syntax)
    );
}

/// What keeps Python from importing a module is told where it is certain.
#[test]
fn imports_of_what_is_not_there_are_told() {
    let told = |text: &str| {
        let mut surroundings = Surroundings::new(
            Rc::new(Memory::new([
                ("/p/main.py", text),
                ("/p/own/__init__.py", ""),
                ("/s/six.py", ""),
                ("/s/hooked/__init__.py", "import sys\nsys.meta_path.append(1)\n"),
                ("/s/usual/__init__.py", ""),
                ("/s/usual/broken.py", "import gone\ny = 1\n"),
            ])),
            "/p",
        );
        surroundings.installed = vec!["/s".into()];
        surroundings.complete = true;
        let world = World::new(surroundings);
        drop(world.module("main").map_err(|unknown| panic!("{unknown:?}")));
        let problems = world.problems();
        problems.iter().map(|one| format!("{}:{}", one.place.line, one.message)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(told("import gone\nfrom gone import away\n"), "1:no module named gone 2:no module named gone");
    assert_eq!(told("from own.gone import away\nfrom .gone import x\n"), "1:no module named own.gone");
    assert_eq!(told("import usual.gone.away"), "1:no module named usual.gone");
    // These have modules that stand in no file.
    assert_eq!(told("import six.moves\nfrom hooked.extern import x\n"), "");
    for text in [
        "try:\n    import gone\nexcept ImportError:\n    gone = None\n",
        "try:\n    import gone\nexcept Exception:\n    gone = None\n",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import gone\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import gone\n",
        "from usual import flag\nif flag:\n    import gone\n",
        "def work():\n    import gone\n",
        "import os, math, zoneinfo, own, ntpath, sre_parse, cProfile, _thread, _any\n",
        "import usual\nfrom usual import broken\nx = broken.y\n",
    ] {
        assert_eq!(told(text), "", "{text}");
    }
    assert_eq!(told("if True:\n    import gone\n"), "2:no module named gone");
}

#[test]
fn packages_are_found_as_python_finds_them() {
    let world = world(&[
        (
            "main.py",
            "from . import nothing_above\nimport a.b.c as c\nfrom a.b import d\nfrom a.b.e import *\nimport space.x\nx = c.X, d.D, E, space.x.Y\n",
        ),
        ("a/__init__.py", ""),
        ("a/b/__init__.py", "from .c import X as D_\n"),
        ("a/b/c.py", "X = __name__, __package__\n"),
        ("a/b/d.py", "from .. import b\nfrom .c import X\nD = X[0], b.D_[1]\n"),
        ("a/b/e.py", "__all__ = ['E']\nE = 1\nF = 2\n"),
        ("space/x.py", "Y = 'y'\n"),
    ]);
    check_in(&world, &[("x", "(('a.b.c', 'a.b'), ('a.b.c', 'a.b'), 1, 'y')")]);
}

#[test]
fn a_class_of_the_project_says_what_reached_the_class_that_is_not_followed() {
    let text = "\
from django.db import models
class Short(models.CharField):
    def __init__(self, *args, **kwargs):
        kwargs.setdefault('max_length', 5)
        super().__init__(*args, **kwargs)
class Shorter(Short):
    def __init__(self, size, **kwargs):
        super().__init__(max_length=size, **kwargs)
    def db_type(self, connection):
        return 'char(%d)' % self.size
a = Short(null=True)
b = Shorter(2, unique=True)
c = Shorter.db_type
";
    let world = world(&[("main.py", text)]);
    let module = world.module("main").unwrap_or_else(|unknown| panic!("{unknown:?}"));
    let base = |name: &str| {
        let value = world.get(&module, name).unwrap_or_else(|| panic!("{name}"));
        let object = value.as_object().unwrap_or_else(|| panic!("{name}"));
        let base = object.base_arguments().unwrap_or_else(|unknown| panic!("{unknown:?}"));
        base.kwargs
            .iter()
            .map(|(name, value)| format!("{name}={}", shown(value)))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(base("a"), "null=True max_length=5");
    assert_eq!(base("b"), "max_length=2 unique=True");
    let class = world.get(&module, "Shorter").unwrap_or_else(|| panic!("no class"));
    let class = class.as_class().unwrap_or_else(|| panic!("no class"));
    let mro: Vec<String> =
        class.mro().unwrap_or_default().iter().map(|class| class.type_name().to_string()).collect();
    assert_eq!(mro, ["type", "type", "django.db.models.CharField"]);
    assert_eq!(class.is_subclass_of("django.db.models.CharField"), value::Descent::Yes);
    assert_eq!(class.is_subclass_of("django.db.models.Field"), value::Descent::NotKnown);
}

#[test]
fn operators_on_what_is_not_followed_are_written_down() {
    let text = "\
from django.db.models import F, Q
a = Q(x=1) | ~Q(y=2)
b = F('x') + 1
c = F('x').desc(nulls_last=True)
";
    check(
        text,
        &[
            ("a", "operator.or_(django.db.models.Q(x=1), operator.invert(django.db.models.Q(y=2)))"),
            ("b", "operator.add(django.db.models.F('x'), 1)"),
            ("c", "django.db.models.F('x').desc(nulls_last=True)"),
        ],
    );
}

#[test]
fn an_environment_variable_that_is_not_set_is_unknown_and_kept() {
    let text =
        "import os\na = os.environ['KEY']\nb = os.environ.get('OTHER', 'd')\nc = os.environ['THERE']\n";
    let files = Memory::new([("/p/main.py", text)]);
    let mut surroundings = Surroundings::new(Rc::new(files), "/p");
    surroundings.environment.insert("THERE".to_owned(), "x".to_owned());
    let world = World::new(surroundings);
    check_in(
        &world,
        &[("a", "<not known: the environment variable KEY is not set>"), ("b", "'d'"), ("c", "'x'")],
    );
    assert_eq!(world.asked().into_iter().collect::<Vec<_>>(), ["KEY", "OTHER", "THERE"]);
}

#[test]
fn files_of_the_project_are_read_and_no_others() {
    let text = "\
from pathlib import Path
import os
HERE = os.path.dirname(os.path.abspath(__file__))
a = open(os.path.join(HERE, 'a.sql')).read()
b = (Path(__file__).parent / 'a.sql').read_text()
with open(HERE + '/a.sql') as file:
    c = [line.strip() for line in file]
d = os.path.exists(HERE + '/nothing')
e = open('/etc/passwd').read()
f = os.path.exists('/etc/passwd')
";
    let world = world(&[("main.py", text), ("a.sql", "one\r\ntwo\n")]);
    check_in(
        &world,
        &[
            ("a", "'one\\ntwo\\n'"),
            ("b", "'one\\ntwo\\n'"),
            ("c", "['one', 'two']"),
            ("d", "False"),
            ("e", "<not known: what is in /etc/passwd where the project runs is not known>"),
            ("f", "<not known: whether /etc/passwd exists where the project runs is not known>"),
        ],
    );
}

#[test]
fn a_module_that_raises_is_read_on_and_says_so() {
    let world = world(&[("main.py", "a = 1\nb = {}['x']\nc = 2\n")]);
    check_in(&world, &[("a", "1"), ("b", "<not known: this raises KeyError: 'x'>"), ("c", "2")]);
    let problems: Vec<(String, u32, String)> = world
        .problems()
        .into_iter()
        .map(|problem| (problem.message, problem.place.line, problem.line))
        .collect();
    assert_eq!(problems, [("this raises KeyError: 'x'".to_owned(), 2, "b = {}['x']".to_owned())]);
}
