//! What is seen of peers.

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;

use dp::process::What::{Absent, Contacted};
use dp::process::{Contact, Protocol, What};

use crate::harness::{Place, Report};

fn contacts(report: &Report) -> Vec<Contact> {
    report.all(Contacted).iter().map(|access| access.contact.clone().unwrap()).collect()
}

fn network(address: impl Into<IpAddr>, port: u16, protocol: Protocol) -> Contact {
    Contact::Network {
        address: address.into(),
        port,
        protocol: Some(protocol),
    }
}

#[test]
fn connections_are_named_and_are_made() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let script = format!("import socket; socket.create_connection(('127.0.0.1', {port})).sendall(b'hello')");
    let report = place.run(&["python3", "-c", &script]);
    let mut text = String::new();
    listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), report.error.as_str()), ("hello", ""));
    assert_eq!(contacts(report.expect_all_seen()), [network(Ipv4Addr::LOCALHOST, port, Protocol::Tcp)]);
}

#[test]
fn connections_of_the_sixth_version_are_named() {
    let place = Place::new();
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        eprintln!("skipped: there is no IPv6");
        return;
    };
    let port = listener.local_addr().unwrap().port();
    let script = format!("import socket; socket.create_connection(('::1', {port}))");
    assert_eq!(contacts(&place.run(&["python3", "-c", &script])), [network(Ipv6Addr::LOCALHOST, port, Protocol::Tcp)]);
}

#[test]
fn datagrams_are_named_and_local_ones_are_none() {
    let place = Place::new();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    let script = format!(
        "import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(3): s.sendto(b'x', ('127.0.0.1', {port}))
s.sendmsg([b'y'], [], 0, ('127.0.0.1', {port}))
a, b = socket.socketpair(); a.send(b'1'); b.recv(1)
n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); n.bind((0, 0))"
    );
    let report = place.run(&["python3", "-c", &script]);
    assert_eq!(report.error, "");
    assert_eq!(contacts(&report), [network(Ipv4Addr::LOCALHOST, port, Protocol::Udp)]);
    assert_eq!(report.all(Contacted)[0].count, 4);
    let mut byte = [0; 9];
    assert_eq!(socket.recv(&mut byte).unwrap(), 1);
}

#[test]
fn local_sockets_are_named_by_their_path() {
    let place = Place::new();
    let path = place.root().join("socket");
    let _listener = UnixListener::bind(&path).unwrap();
    let script = "import socket
s = socket.socket(socket.AF_UNIX); s.connect('socket')
try: socket.socket(socket.AF_UNIX).connect('none')
except FileNotFoundError: pass
try: socket.socket(socket.AF_UNIX).connect('\\0dp-none')
except ConnectionRefusedError: pass
socket.socket(socket.AF_UNIX).bind('own')";
    let report = place.run(&["python3", "-c", script]);
    assert_eq!(report.error, "");
    assert_eq!(contacts(&report), [Contact::Unix(path), Contact::Abstract(b"dp-none".to_vec())]);
    let within = report.within();
    assert!(within.contains(&(Absent, "none".to_owned())));
    assert!(within.contains(&(What::Created, "own".to_owned())));
}
