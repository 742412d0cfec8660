//! A TCP proxy that fails on demand.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use countersign_core::locked;

/// What a [`Proxy`] does with the bytes of all its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Passes them on.
    Works,
    /// Closes all connections, and every new one at once.
    Cut,
    /// Accepts connections and what is sent, but passes nothing on: as if the server were frozen.
    LosesRequests,
    /// Passes on what is sent to the server, but not its answers: as if the route back were gone.
    LosesAnswers,
    /// Passes everything on, but what is sent to the server only after this time.
    Delays(Duration),
}

/// A proxy in front of a server of this machine. It ends with the process.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    network: Network,
    open: Vec<TcpStream>,
    connections: usize,
    /// Connections up to this number pass nothing on.
    frozen: usize,
}

impl Proxy {
    /// Starts one in front of this port.
    pub fn start(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Mutex::new(Shared {
            network: Network::Works,
            open: Vec::new(),
            connections: 0,
            frozen: 0,
        }));
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let _ = connect(client, server, &for_thread);
            }
        });
        Self { port, shared }
    }

    /// The URL of a database, by way of this proxy.
    pub fn url(&self, database: &str) -> String {
        super::at_port(database, self.port)
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        locked(&self.shared).connections
    }

    /// Passes nothing on any more for the connections that are open; new ones work.
    pub fn freeze_open(&self) {
        let mut shared = locked(&self.shared);
        shared.frozen = shared.connections;
    }

    /// Changes what it does from now on.
    pub fn set(&self, network: Network) {
        let mut shared = locked(&self.shared);
        shared.network = network;
        if network == Network::Cut {
            for stream in shared.open.drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
    }
}

fn connect(client: TcpStream, server: u16, shared: &Arc<Mutex<Shared>>) -> std::io::Result<()> {
    let mut state = locked(shared);
    state.connections += 1;
    let number = state.connections;
    if state.network == Network::Cut {
        return client.shutdown(Shutdown::Both);
    }
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
    state.open.extend([client.try_clone()?, server.try_clone()?]);
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    pump(client.try_clone()?, server.try_clone()?, (number, Network::LosesRequests), shared);
    pump(server, client, (number, Network::LosesAnswers), shared);
    Ok(())
}

/// Passes bytes of a connection on in one direction, unless that direction or the connection passes nothing on.
fn pump(
    mut from: TcpStream,
    mut to: TcpStream,
    (number, lost_by): (usize, Network),
    shared: &Arc<Mutex<Shared>>,
) {
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let state = locked(&shared);
            let network = state.network;
            if network == lost_by || number <= state.frozen {
                continue;
            }
            drop(state);
            if let (Network::Delays(time), Network::LosesRequests) = (network, lost_by) {
                thread::sleep(time);
            }
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
