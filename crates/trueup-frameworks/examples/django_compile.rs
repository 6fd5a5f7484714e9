//! Development: prints what the migrations of a project become.
use std::rc::Rc;
use trueup_frameworks::django::Version;
use trueup_frameworks::django::read;
use trueup_frameworks::django::schema::{Driver, Environment, Schema};
use trueup_frameworks::python::{Disk, Kind, Surroundings, World};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap();
    let version = Version::parse(&arguments.next().unwrap()).unwrap();
    let only = arguments.next();
    let mut environment = Environment::new(version);
    environment.server = 15;
    environment.driver = Driver::Psycopg2;
    environment.use_tz = true;
    environment.time_zone = "UTC".into();
    if version.before(6, 0) {
        environment.default_auto_field = Some("django.db.models.AutoField".into());
    }
    let mut apps: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.len() == 5 && name.starts_with('c'))
        .collect();
    apps.sort();
    for app in apps {
        if only.as_ref().is_some_and(|only| *only != app) {
            continue;
        }
        let mut surroundings = Surroundings::new(Rc::new(Disk), folder.as_str());
        surroundings.opaque = vec!["django".to_owned()];
        let world = World::new(surroundings);
        let mut schema = Schema::new(environment.clone());
        let mut names: Vec<String> = std::fs::read_dir(format!("{folder}/{app}/migrations"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter_map(|name| name.strip_suffix(".py").map(str::to_owned))
            .filter(|name| name != "__init__")
            .collect();
        names.sort();
        for name in names {
            let module = world.module(&format!("{app}.migrations.{name}")).unwrap();
            let class = world.get(&module, "Migration").unwrap();
            let Kind::Class(class) = &class.kind else { panic!("{app}.{name}: {class:?}") };
            let migration = read::migration(&world, &app, &name, class);
            let compiled = schema.migrate(&migration);
            let sent: Vec<_> = compiled.statements.iter().map(|sent| json(&sent.text)).collect();
            let opaque: Vec<_> = compiled
                .opaque()
                .map(|opaque| json(&format!("{} {:?}", opaque.reason, opaque.place)))
                .collect();
            println!(
                "{{\"app\": {}, \"name\": {}, \"sent\": [{}], \"opaque\": [{}]}}",
                json(&app),
                json(&name),
                sent.join(", "),
                opaque.join(", ")
            );
        }
    }
}

fn json(text: &str) -> String {
    let mut written = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            c if (c as u32) < 32 => written.push_str(&format!("\\u{:04x}", c as u32)),
            c => written.push(c),
        }
    }
    written.push('"');
    written
}
