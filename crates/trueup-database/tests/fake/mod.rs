//! Servers made of a few bytes, for everything that a real one cannot be brought to say at will.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What a fake server does with every connection.
#[derive(Clone)]
pub enum Behaviour {
    /// Sends this at once, and reads nothing.
    Greets(Vec<u8>),
    /// Waits for a first message and answers it with this.
    Answers(Vec<u8>),
    /// Declines encryption, reads the startup message, and answers it with this.
    Starts(Vec<u8>),
    /// Declines encryption and answers startup messages in turn; the last answer is kept for the rest.
    StartsInTurn(Vec<Vec<u8>>),
    /// Is a whole server that runs as this process and keeps the statements that it is sent.
    Converses { process: i32, statements: Arc<Mutex<Vec<String>>> },
    /// Takes the connection and says nothing until the other side gives up.
    Silent,
}

/// Starts a server that lives as long as the process. Returns its port.
pub fn serve(behaviour: Behaviour) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            // A client that goes away in the middle is the point of some tests.
            let _ = stream.and_then(|stream| behave(stream, &behaviour, number));
        }
    });
    port
}

fn behave(mut stream: TcpStream, behaviour: &Behaviour, number: usize) -> std::io::Result<()> {
    match behaviour {
        Behaviour::Greets(bytes) => stream.write_all(bytes)?,
        Behaviour::Answers(bytes) => {
            stream.read_exact(&mut [0; 8])?;
            stream.write_all(bytes)?;
        }
        Behaviour::Starts(bytes) => {
            read_startup(&mut stream)?;
            stream.write_all(bytes)?;
        }
        Behaviour::StartsInTurn(answers) => {
            read_startup(&mut stream)?;
            stream.write_all(&answers[number.min(answers.len() - 1)])?;
        }
        Behaviour::Converses { process, statements } => {
            read_startup(&mut stream)?;
            stream.write_all(&session(&[("server_version", "17.5")]))?;
            converse(&mut stream, *process, statements)?;
        }
        Behaviour::Silent => {}
    }
    // Read until the client goes, so that nothing of the answer is lost to a reset.
    std::io::copy(&mut stream, &mut std::io::sink())?;
    Ok(())
}

fn read_startup(stream: &mut TcpStream) -> std::io::Result<()> {
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let mut message = vec![0; u32::from_be_bytes(length) as usize - 4];
        stream.read_exact(&mut message)?;
        if message != [0x04, 0xd2, 0x16, 0x2f] {
            return Ok(());
        }
        stream.write_all(b"N")?;
    }
}

fn converse(stream: &mut TcpStream, process: i32, statements: &Mutex<Vec<String>>) -> std::io::Result<()> {
    loop {
        let mut head = [0; 5];
        stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize - 4;
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        let statement = String::from_utf8_lossy(&body).trim_end_matches('\0').to_owned();
        let mut answer = Vec::new();
        if statement.contains("pg_backend_pid") {
            let number = process.to_string();
            // One column of the type integer, then one row.
            answer.extend(framed(b'T', b"\0\x01pid\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0"));
            let row =
                [&[0, 1, 0, 0, 0][..], &[u8::try_from(number.len()).expect("short")], number.as_bytes()];
            answer.extend(framed(b'D', &row.concat()));
        }
        answer.extend(framed(b'C', b"DONE\0"));
        answer.extend(framed(b'Z', b"I"));
        statements.lock().expect("whole").push(statement);
        stream.write_all(&answer)?;
    }
}

/// An error as a server sends it. A routine makes it a server's; without one it is a pooler's.
pub fn error(sqlstate: &str, message: &str, routine: Option<&str>) -> Vec<u8> {
    let mut fields = format!("SFATAL\0C{sqlstate}\0M{message}\0");
    if let Some(routine) = routine {
        fields.push_str(&format!("VFATAL\0Fauth.c\0L1\0R{routine}\0"));
    }
    fields.push('\0');
    framed(b'E', fields.as_bytes())
}

/// A request for a password, a login that is over, or whatever else has a number.
pub fn authentication(number: u32, rest: &[u8]) -> Vec<u8> {
    framed(b'R', &[&number.to_be_bytes(), rest].concat())
}

/// The start of a session with the process 77, with what the server says about itself.
pub fn session(parameters: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = authentication(0, &[]);
    for (name, value) in parameters {
        bytes.extend(framed(b'S', format!("{name}\0{value}\0").as_bytes()));
    }
    bytes.extend(framed(b'K', &[0, 0, 0, 77, 1, 2, 3, 4]));
    bytes.extend(framed(b'Z', b"I"));
    bytes
}

fn framed(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a short message");
    [&[tag][..], &length.to_be_bytes(), body].concat()
}
