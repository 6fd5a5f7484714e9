//! What modules come to.

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
