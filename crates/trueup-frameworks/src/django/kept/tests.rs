//! A small project on the disk, read, changed and read again.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use trueup_model::ledger::LedgerRows;

use super::*;
use crate::framework::Framework;
use crate::testing::{Project, project};

const FIRST: &str = "\
from django.conf import settings
from django.db import migrations, models

class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel('Item', [
            ('id', models.BigAutoField(primary_key=True)),
            ('name', models.CharField(max_length=settings.LONGEST)),
        ]),
    ]
";

/// The SQL says what the rest becomes.
fn second(sql: &str) -> String {
    format!(
        "from django.db import migrations\n\nclass Migration(migrations.Migration):\n    atomic = False\n    \
         dependencies = [('shop', '0001_initial')]\n    operations = [\n        migrations.RunSQL({sql:?}),\n        \
         migrations.RunPython(work),\n        migrations.RunPython(fill),\n    ]\n"
    )
}

const UNREAD: &str = "\
def work(apps, schema_editor):
    schema_editor.execute(text())


def fill(apps, schema_editor):
    apps.get_model('shop', 'Item').objects.update(name='x')


";

const APPS: &str = "\
from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate


def widen(sender, **kwargs):
    connection.cursor().execute('ALTER TABLE shop_item ALTER COLUMN id TYPE bigint')


class Shop(AppConfig):
    name = 'shop'

    def ready(self):
        post_migrate.connect(widen)
";

fn shop() -> Project {
    project(&[
        ("manage.py", "import os, django\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n"),
        (
            "settings.py",
            "import os\nINSTALLED_APPS = ['shop']\nLONGEST = int(os.environ.get('LONGEST', '50'))\n",
        ),
        (".venv/lib/python3.11/site-packages/django/__init__.py", "VERSION = (5, 2, 1, 'final', 0)\n"),
        ("shop/__init__.py", ""),
        ("shop/apps.py", APPS),
        ("shop/migrations/__init__.py", ""),
        ("shop/migrations/0001_initial.py", FIRST),
        ("shop/migrations/0002_more.py", &format!("{UNREAD}{}", second("create view v as select 1"))),
    ])
}

/// With a memory beside the project, and these variables.
fn detected(project: &Project, memory: &tempfile::TempDir, variables: &[(&str, &str)]) -> Detected {
    let mut detected = project.detected("django");
    detected.memory = Some(memory.path().join("readings"));
    let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    detected.variables = Variables(pairs.collect::<BTreeMap<_, _>>());
    detected
}

fn read(detected: &Detected) -> History {
    super::super::Django.read(detected).expect("a history")
}

/// As it is read where nothing is kept.
fn anew(detected: &Detected) -> History {
    read(&Detected { memory: None, ..detected.clone() })
}

fn files(memory: &tempfile::TempDir) -> Vec<PathBuf> {
    let entries = fs::read_dir(memory.path().join("readings")).into_iter().flatten();
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// Whether the next reading is the one that was kept: a word of it is another one for a moment.
fn is_kept(detected: &Detected, memory: &tempfile::TempDir) -> bool {
    let [file] = &files(memory)[..] else { return false };
    let text = fs::read_to_string(file).expect("what was kept");
    fs::write(file, text.replace("create view v", "create view kept")).expect("a change");
    let read = read(detected);
    fs::write(file, text).expect("the change taken back");
    read.migrations.iter().flat_map(|one| &one.up).any(|one| one.text.contains("create view kept"))
}

#[test]
fn what_was_read_is_kept_whole() {
    let (project, memory) = (shop(), tempfile::tempdir().expect("a folder"));
    let detected = detected(&project, &memory, &[]);
    let first = read(&detected);
    assert!(first.findings.is_empty(), "{:?}", first.findings);
    assert!(first.migrations[1].opaque.is_some() && !first.migrations[1].up.is_empty(), "{first:?}");
    assert_eq!(first.handlers.len(), 1, "{first:?}");
    assert!(first.migrations[1].only_by_tool.is_some(), "{first:?}");
    assert_eq!(first, anew(&detected));
    assert_eq!(read(&detected), first);
    assert!(is_kept(&detected, &memory));
}

#[test]
fn a_project_that_changed_is_read_again() {
    let more = second("create view w as select 1").replace("0001_initial", "0002_more");
    let changes = [
        ("shop/migrations/0001_initial.py", FIRST.replace("'name'", "'call'")),
        (
            "shop/migrations/0003_third.py",
            more.replace("migrations.RunPython(work),", "").replace("migrations.RunPython(fill),", ""),
        ),
        ("settings.py", "INSTALLED_APPS = ['shop']\nLONGEST = 60\n".to_owned()),
        (
            ".venv/lib/python3.11/site-packages/django/__init__.py",
            "VERSION = (3, 2, 1, 'final', 0)\n".to_owned(),
        ),
        (".venv/lib/python3.11/site-packages/psycopg/__init__.py", String::new()),
    ];
    for (file, text) in changes {
        let (project, memory) = (shop(), tempfile::tempdir().expect("a folder"));
        let detected = detected(&project, &memory, &[]);
        read(&detected);
        assert!(is_kept(&detected, &memory), "before {file}");
        project.write(file, text.as_bytes());
        assert!(!is_kept(&detected, &memory), "after {file}");
        assert_eq!(read(&detected), anew(&detected), "{file}");
        assert!(is_kept(&detected, &memory), "read again after {file}");
    }
}

#[test]
fn variables_count_that_the_project_asks_for() {
    let (project, memory) = (shop(), tempfile::tempdir().expect("a folder"));
    let with = |variables: &[(&str, &str)]| detected(&project, &memory, variables);
    read(&with(&[("LONGEST", "70"), ("OTHER", "1")]));
    assert!(is_kept(&with(&[("LONGEST", "70"), ("OTHER", "2")]), &memory));
    for other in [&[("LONGEST", "80")][..], &[], &[("LONGEST", "70"), ("VIRTUAL_ENV", "/nowhere")]] {
        assert!(!is_kept(&with(other), &memory), "{other:?}");
    }
    assert_eq!(read(&with(&[("LONGEST", "80")])), anew(&with(&[("LONGEST", "80")])));
}

/// dynaconf takes every variable that begins with its prefix.
#[test]
fn variables_count_by_how_they_begin() {
    let (project, memory) = (shop(), tempfile::tempdir().expect("a folder"));
    let settings = "import dynaconf\nINSTALLED_APPS = ['shop']\nLONGEST = 60\n\
        settings = dynaconf.DjangoDynaconf(__name__, ENVVAR_PREFIX_FOR_DYNACONF='SHOP', load_dotenv=False)\n";
    project.write("settings.py", settings.as_bytes());
    let with = |variables: &[(&str, &str)]| detected(&project, &memory, variables);
    read(&with(&[("SHOP_ONE", "1"), ("OTHER", "1")]));
    assert!(is_kept(&with(&[("SHOP_ONE", "1"), ("OTHER", "2")]), &memory));
    for other in [&[("SHOP_ONE", "2")][..], &[], &[("SHOP_ONE", "1"), ("SHOP_TWO", "")]] {
        assert!(!is_kept(&with(other), &memory), "{other:?}");
    }
}

#[test]
fn what_the_ledger_decides_is_kept_by_itself() {
    let (project, memory) = (shop(), tempfile::tempdir().expect("a folder"));
    let squashed = FIRST.replace("initial = True", "replaces = [('shop', '0001_old'), ('shop', '0000_old')]");
    project.write("shop/migrations/0001_initial.py", squashed.as_bytes());
    let detected = detected(&project, &memory, &[]);
    let history = read(&detected);
    let row =
        |name: &str| vec![Some("shop".to_owned()), Some(name.to_owned()), Some("2026-01-01".to_owned())];
    let rows: LedgerRows = [row("0001_old"), row("0000_old")].into_iter().collect();
    let settled = |detected: &Detected| super::super::Django.read_for(detected, &history, &rows);
    let first = settled(&detected).expect("a history that the ledger decides");
    assert_eq!(files(&memory).len(), 2);
    assert_eq!(settled(&detected), Some(first.clone()));
    assert_eq!(settled(&Detected { memory: None, ..detected.clone() }), Some(first));
    assert_eq!(read(&detected), history);
}

#[test]
fn nothing_is_kept_of_what_is_wrong_or_secret() {
    for (file, text) in [
        ("shop/migrations/0002_more.py", "class Migration(:\n".to_owned()),
        ("shop/migrations/0002_more.py", format!("{UNREAD}{}", second("create role a password 'x'"))),
        ("shop/migrations/0002_more.py", format!("{UNREAD}{}", second("select 'http://a:b@c/d'"))),
        (
            "shop/migrations/0002_more.py",
            second("select 'http://a:b@c/d'")
                .replace("migrations.RunPython(work),", "")
                .replace("migrations.RunPython(fill),", ""),
        ),
        ("shop/migrations/0002_more.py", format!("PASSWORD = 'x'\n{UNREAD}{}", second("select 1"))),
        ("shop/apps.py", format!("PASSWORD = 'x'\n{APPS}")),
    ] {
        let (project, memory) = (shop(), tempfile::tempdir().expect("a folder"));
        project.write(file, text.as_bytes());
        read(&detected(&project, &memory, &[]));
        assert_eq!(files(&memory), Vec::<PathBuf>::new(), "{file}: {text}");
    }
}

#[test]
fn what_is_damaged_is_made_again() {
    let (project, memory) = (shop(), tempfile::tempdir().expect("a folder"));
    let detected = detected(&project, &memory, &[]);
    let first = read(&detected);
    let [file] = &files(&memory)[..] else { panic!("one file") };
    let whole = fs::read(file).expect("what was kept");
    for damaged in [&whole[..whole.len() / 2], b"", b"{}"] {
        fs::write(file, damaged).expect("damage");
        assert_eq!(read(&detected), first);
        assert!(is_kept(&detected, &memory));
    }
}

#[test]
fn the_oldest_readings_go_first() {
    let memory = tempfile::tempdir().expect("a folder");
    let path = |number: usize| memory.path().join(number.to_string());
    for number in 0..KEPT + 3 {
        let file = fs::File::create(path(number)).expect("a file");
        let age = Duration::from_secs(u64::try_from(1_000 - number).expect("small"));
        file.set_modified(SystemTime::now() - age).expect("a date");
    }
    forget_oldest(memory.path());
    let left: Vec<usize> = (0..KEPT + 3).filter(|number| path(*number).exists()).collect();
    assert_eq!(left, (3..KEPT + 3).collect::<Vec<_>>());
}
