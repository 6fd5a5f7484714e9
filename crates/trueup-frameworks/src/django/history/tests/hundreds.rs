//! Hundreds of migrations with something wrong in one of them: one finding where it stands, and all else is read.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use trueup_model::{Finding, History};

use super::super::super::project::{Request, read};
use super::super::super::{DEFAULT, environment};
use crate::python::Memory;

const GOOD: u32 = 500;

/// A history of [`GOOD`] migrations, of which one is this text, and others come besides.
fn history(number: u32, text: &str, others: &[(&str, &str)]) -> History {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut put = |path: &str, text: &str| drop(files.insert(format!("/p/{path}"), text.to_owned()));
    put("manage.py", "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n");
    put("site1/__init__.py", "");
    put(
        "site1/settings.py",
        "INSTALLED_APPS = ['shop', 'teams']\nDEFAULT_AUTO_FIELD = 'django.db.models.AutoField'\n",
    );
    put(".venv/lib/python3.11/site-packages/django/__init__.py", "VERSION = (5, 2, 1, 'final', 0)\n");
    for package in ["shop", "shop/migrations", "teams", "teams/migrations"] {
        put(&format!("{package}/__init__.py"), "");
    }
    for at in 1..=GOOD {
        let file = format!("shop/migrations/{at:04}_m.py");
        if at == number {
            put(&file, text);
            continue;
        }
        let before = if at == 1 { String::new() } else { format!("('shop', '{:04}_m')", at - 1) };
        let text = format!(
            "from django.db import migrations, models\nclass Migration(migrations.Migration):\n    dependencies = \
             [{before}]\n    operations = [migrations.CreateModel('M{at}', [('id', models.AutoField(primary_key=True))])]\n"
        );
        put(&file, &text);
    }
    others.iter().for_each(|(path, text)| put(path, text));
    let mut request = Request::new("/p", BTreeMap::new());
    request.files = Rc::new(Memory::new(files));
    let project = read(&request).unwrap_or_else(|error| panic!("{error}"));
    let all = super::read_all(&project);
    let mut history = all.history("/p".into(), environment(&project, DEFAULT), &BTreeSet::new());
    history.findings.extend(project.findings.iter().cloned());
    history
}

fn told(finding: &Finding) -> String {
    let origin = finding.origin.as_ref().expect("an origin");
    let place = origin.place.as_ref().expect("a place");
    format!(
        "{} {} {}:{}:{} {} | {}",
        finding.code,
        origin.migration,
        place.file,
        place.line,
        place.column,
        finding.found.as_deref().unwrap_or_default(),
        origin.excerpt.as_deref().unwrap_or("no line")
    )
}

/// What is found, and how many tables the other migrations make.
#[track_caller]
fn check(text: &str, others: &[(&str, &str)], expected: &[&str], tables: usize) {
    let history = history(250, text, others);
    let found: Vec<String> = history.findings.iter().map(told).collect();
    assert_eq!(found, expected);
    let statements = history.migrations.iter().flat_map(|migration| &migration.up);
    let made = statements.filter(|statement| statement.text.starts_with("CREATE TABLE \"shop_m")).count();
    assert_eq!(made, tables);
}

#[test]
fn a_syntax_error_is_one_finding() {
    check(
        "from django.db import migrations\nclass Migration(migrations.Migration)\n    operations = []\n",
        &[],
        &["unreadable-migration shop.0250_m shop/migrations/0250_m.py:2:38 the file is not valid Python: \
           expected `:`, found newline | class Migration(migrations.Migration)"],
        499,
    );
}

#[test]
fn merge_markers_are_one_finding() {
    check(
        "from django.db import migrations\n<<<<<<< HEAD\nclass Migration(migrations.Migration):\n    pass\n=======\n",
        &[],
        &["unreadable-migration shop.0250_m shop/migrations/0250_m.py:2:1 the file is not valid Python: \
           a merge left a conflict here that nobody has settled (<<<<<<< HEAD) | <<<<<<< HEAD"],
        499,
    );
}

#[test]
fn a_missing_parent_is_one_finding() {
    check(
        "from django.db import migrations\nclass Migration(migrations.Migration):\n    dependencies = [\n        \
         ('shop', '0249_m'),\n        ('shop', '0249_lost'),\n    ]\n    operations = []\n",
        &[],
        &[
            "missing-parent shop.0250_m shop/migrations/0250_m.py:5:9 depends on shop.0249_lost, which no file \
           defines | ('shop', '0249_lost'),",
        ],
        499,
    );
}

const REFERS: &str = "\
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [('shop', '0249_m')]
    operations = [
        migrations.AddField('m7', 'team', models.ForeignKey('teams.team', models.CASCADE)),
        migrations.AddField('m8', 'team', models.ForeignKey('teams.team', models.CASCADE)),
    ]
";

#[test]
fn a_model_that_no_migration_makes_is_one_finding() {
    check(
        REFERS,
        &[(
            "teams/migrations/0001_initial.py",
            "from django.db import migrations\nclass Migration(migrations.Migration):\n    pass\n",
        )],
        &[
            "unresolved-model shop.0250_m shop/migrations/0250_m.py:5:43 the field team (ForeignKey) of shop.m7 refers \
           to teams.team, which no migration before it makes; one more operation refers to it | \
           models.ForeignKey('teams.team', models.CASCADE)),",
        ],
        499,
    );
}

/// What would make it resolve.
#[track_caller]
fn check_hint(teams: &str, expected: &str) {
    let text =
        format!("from django.db import migrations, models\nclass Migration(migrations.Migration):\n{teams}");
    let history = history(250, REFERS, &[("teams/migrations/0001_initial.py", &text)]);
    let hints: Vec<&str> = history.findings.iter().filter_map(|finding| finding.hint.as_deref()).collect();
    assert_eq!(hints, [expected]);
}

#[test]
fn what_would_make_it_resolve_is_said() {
    check_hint(
        "    dependencies = [('shop', '0250_m')]\n    operations = [migrations.CreateModel('Team', [('id', \
         models.AutoField(primary_key=True))])]\n",
        "teams.0001_initial (teams/migrations/0001_initial.py:4) makes it: add (\"teams\", \"0001_initial\") to the \
         dependencies of this migration",
    );
    check_hint(
        "    run_before = [('shop', '0001_m')]\n    operations = [migrations.CreateModel('Team', [('id', \
         models.AutoField(primary_key=True))]),\n        migrations.DeleteModel('Team')]\n",
        "teams.0001_initial (teams/migrations/0001_initial.py:5) takes it away: let this migration run before it, or \
         change what refers to it in one before that",
    );
    check_hint(
        "    pass\n",
        "write a migration of teams that makes it, and add that to the dependencies here; or change this field to \
         what the model has now",
    );
    // Nobody knows what a migration makes that cannot be read.
    let history = history(250, REFERS, &[("teams/migrations/0001_initial.py", "class Migration(\n")]);
    let codes: Vec<String> = history.findings.iter().map(|finding| finding.code.to_string()).collect();
    assert_eq!(codes, ["unreadable-migration"]);
}
