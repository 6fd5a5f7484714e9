//! Stands between a client and a server, and cuts the line at a message that was counted.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The server never hears of the message.
    Before,
    /// The server does what the message says, and nobody hears its answer.
    After,
    /// As `Before`, and as if the process had been killed: all connections go, and no new one is made.
    Kill,
}

pub struct Proxy {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    /// How many messages go through until it is cut.
    left: usize,
    cut: Cut,
    has_cut: bool,
    open: Vec<TcpStream>,
}

impl Proxy {
    /// Cuts at the message with this number, counted from 1 over all connections.
    pub fn start(server: u16, at: usize, cut: Cut) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State { left: at, cut, has_cut: false, open: Vec::new() }));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let client = client.expect("a connection");
                let server = TcpStream::connect(("127.0.0.1", server)).expect("a server");
                let mut state = shared.lock().expect("the state");
                if state.has_cut && state.cut == Cut::Kill {
                    continue;
                }
                state
                    .open
                    .extend([client.try_clone().expect("a clone"), server.try_clone().expect("a clone")]);
                drop(state);
                connect(client, server, &shared);
            }
        });
        Self { port, state }
    }

    pub fn has_cut(&self) -> bool {
        self.state.lock().expect("the state").has_cut
    }
}

fn connect(client: TcpStream, server: TcpStream, state: &Arc<Mutex<State>>) {
    let muted = Arc::new(Mutex::new(false));
    let (mut from_server, mut to_client) =
        (server.try_clone().expect("a clone"), client.try_clone().expect("a clone"));
    let is_muted = Arc::clone(&muted);
    std::thread::spawn(move || {
        let mut buffer = [0; 1 << 16];
        while let Ok(count) = from_server.read(&mut buffer) {
            let heard = &buffer[..count];
            let is_muted = *is_muted.lock().expect("a flag");
            // `Z` ends an answer: what was asked is done.
            if is_muted && count >= 6 && heard[count - 6] == b'Z' {
                break;
            }
            if count == 0 || (!is_muted && to_client.write_all(heard).is_err()) {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
        let _ = from_server.shutdown(Shutdown::Both);
    });
    let (mut from_client, mut to_server) = (client, server);
    let state = Arc::clone(state);
    std::thread::spawn(move || {
        let mut is_first = true;
        while let Some(message) = message(&mut from_client, is_first) {
            let is_query = !is_first && message[0] == b'Q';
            is_first = false;
            if is_query {
                let mut state = state.lock().expect("the state");
                state.left = state.left.wrapping_sub(1);
                if state.left == 0 {
                    state.has_cut = true;
                    match state.cut {
                        Cut::Before => break,
                        Cut::Kill => {
                            state.open.iter().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
                            break;
                        }
                        Cut::After => *muted.lock().expect("a flag") = true,
                    }
                }
            }
            if to_server.write_all(&message).is_err() {
                break;
            }
        }
        if !*muted.lock().expect("a flag") {
            let _ = to_server.shutdown(Shutdown::Both);
            let _ = from_client.shutdown(Shutdown::Both);
        }
    });
}

/// One message of the client; the first has no letter.
fn message(stream: &mut TcpStream, is_first: bool) -> Option<Vec<u8>> {
    let mut message = vec![0; if is_first { 4 } else { 5 }];
    stream.read_exact(&mut message).ok()?;
    let head = message.len();
    let length = u32::from_be_bytes(message[head - 4..].try_into().ok()?) as usize;
    message.resize(head - 4 + length, 0);
    stream.read_exact(&mut message[head..]).ok()?;
    Some(message)
}
