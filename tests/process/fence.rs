//! Programs that are kept within what they may do.

use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;

use dp::process::What::{Contacted, Created, Listed, Metadata, Read, Removed, Renamed, Started, Wrote};
use dp::process::{Endpoint, Exit, Fence, Task, What};

use crate::harness::{Place, Report};

fn fenced(place: &Place, fence: Fence, command: &[&str]) -> Report {
    place
        .carry_out(&Task {
            fence: Some(fence),
            ..place.task(command)
        })
        .unwrap()
}

#[test]
fn what_is_within_works() {
    let place = Place::new();
    place.write("in", "1");
    let script = "cat in > out && mkdir folder && mv out folder/out && ls folder && rm in && chmod 600 folder/out && ln folder/out twin";
    let report = fenced(&place, place.fence(), &["sh", "-c", script]);
    assert_eq!((report.ended.how, report.error.as_str(), report.output.as_str()), (Exit::Code(0), "", "out\n"));
    assert_eq!(report.denied().len(), 0);
}

#[test]
fn what_is_outside_is_refused_and_named() {
    let (place, other) = (Place::new(), Place::new());
    let secret = other.write("secret", "kept");
    let at = |name: &str| other.root().join(name).to_str().unwrap().to_owned();
    let check = |script: &str, expected: &[(What, &str)]| {
        let script = script.replace('@', other.root().to_str().unwrap());
        let report = fenced(&place, place.fence(), &["sh", "-c", &script]);
        let expected = expected.iter().map(|(what, name)| (*what, at(name))).collect();
        assert_eq!(report.denied(), expected, "{script}: {}", report.error);
        assert_eq!(std::fs::read_to_string(&secret).unwrap(), "kept");
        assert_eq!(std::fs::read_dir(other.root()).unwrap().count(), 1);
        report
    };
    let report = check("cat @/secret", &[(Read, "secret")]);
    assert!(report.output.is_empty() && report.error.contains("Permission denied"), "{}", report.error);
    check("echo x > @/secret", &[(Wrote, "secret")]);
    check("echo x > @/new", &[(Created, "new")]);
    check("mkdir @/new", &[(Created, "new")]);
    check("rm -f @/secret", &[(Removed, "secret")]);
    check("python3 -c 'import os; os.rename(\"@/secret\", \"mine\")'", &[(Renamed, "secret")]);
    check("python3 -c 'import os; os.link(\"@/secret\", \"mine\")'", &[(Read, "secret")]);
    check("chmod 777 @/secret", &[(Metadata, "secret")]);
    let root = other.root().to_str().unwrap().to_owned();
    let report = fenced(&place, place.fence(), &["ls", &root]);
    assert_eq!(report.denied(), [(Listed, root.clone())].into());
    let report = fenced(&place, place.fence(), &["sh", "-c", &format!("ln -s {root} way; cat way/secret")]);
    let way = place.root().join("way/secret").to_str().unwrap().to_owned();
    assert_eq!((report.output.as_str(), report.denied()), ("", [(Read, way)].into()));
    let refused = report.all(Read).into_iter().find(|access| access.denied).unwrap();
    assert_eq!(refused.real, secret);
}

#[test]
fn the_kernel_refuses_what_the_verdict_can_not_see() {
    let (place, other) = (Place::new(), Place::new());
    let secret = other.write("secret", "kept");
    // The path is changed by another thread between the verdict and the call, or leads through the program's own root.
    let source = r#"
static volatile int over; static char path[2][4096]; static char shared[4096];
static void *flips(void *p) { for (int i = 0; !over; i++) memcpy(shared, path[i % 2], 64 + strlen(path[1])); return 0; }
int main(int c, char **v) {
    strcpy(path[0], v[1]); strcpy(path[1], v[2]); strcpy(shared, path[0]);
    pthread_t t; pthread_create(&t, 0, flips, 0); int got = 0; char b[9] = {0};
    for (int i = 0; i < 3000; i++) { int f = open(shared, O_RDONLY); if (f >= 0) { read(f, b, 4); if (!memcmp(b, "kept", 4)) got++; close(f); } }
    over = 1; pthread_join(t, 0);
    char root[4096] = "/proc/self/root"; int f = open(strcat(root, v[2]), O_RDONLY); if (f >= 0) got++;
    return got > 0;
}"#;
    let mine = place.write("mine", "mine");
    let Some(program) = place.compile(source, &[]) else {
        return;
    };
    let report = fenced(&place, place.fence(), &[&program, mine.to_str().unwrap(), secret.to_str().unwrap()]);
    assert_eq!(report.ended.how, Exit::Code(0));
}

#[test]
fn programs_outside_are_not_started() {
    let (place, other) = (Place::new(), Place::new());
    let Some(program) = other.compile("int main() { return 0; }", &[]) else {
        return;
    };
    let report = fenced(&place, place.fence(), &["sh", "-c", &program]);
    assert_eq!(report.ended.how, Exit::Code(126));
    assert_eq!(report.denied(), [(Started, program)].into());
}

const CONTACT: &str = "import socket, sys
kind, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
if kind == 'tcp': socket.create_connection((host, port)).sendall(b'hello')
if kind == 'wait':
    s = socket.socket(); s.settimeout(5); s.connect((host, port)); s.sendall(b'hello')
if kind == 'udp': socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'hello', (host, port))
if kind == 'msg': socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b'hel', b'lo'], [], 0, (host, port))
if kind == 'unix': socket.socket(socket.AF_UNIX).connect(host)";

#[test]
fn peers_that_are_not_named_are_refused() {
    let place = Place::new();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    tcp.set_nonblocking(true).unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    udp.set_nonblocking(true).unwrap();
    let path = place.tools().join("socket");
    let unix = UnixListener::bind(&path).unwrap();
    unix.set_nonblocking(true).unwrap();
    let other = Fence {
        connect: vec![Endpoint::Network {
            address: None,
            port: Some(1),
        }],
        ..place.fence()
    };
    for fence in [place.fence(), other] {
        for (kind, host, port) in [
            ("tcp", "127.0.0.1", tcp.local_addr().unwrap().port()),
            ("wait", "127.0.0.1", tcp.local_addr().unwrap().port()),
            ("tcp", "::ffff:127.0.0.1", tcp.local_addr().unwrap().port()),
            ("udp", "127.0.0.1", udp.local_addr().unwrap().port()),
            ("msg", "127.0.0.1", udp.local_addr().unwrap().port()),
            ("unix", path.to_str().unwrap(), 0),
        ] {
            let report = fenced(&place, fence.clone(), &["python3", "-c", CONTACT, kind, host, &port.to_string()]);
            assert!(report.error.contains("PermissionError"), "{kind}: {}", report.error);
            let denied: Vec<_> = report.all(Contacted).into_iter().filter(|access| access.denied).collect();
            assert_eq!(denied.len(), 1, "{kind}");
        }
    }
    assert!(tcp.accept().is_err() && unix.accept().is_err() && udp.recv(&mut [0; 9]).is_err());
}

#[test]
fn peers_that_are_named_are_reached() {
    let place = Place::new();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let path = place.tools().join("socket");
    let unix = UnixListener::bind(&path).unwrap();
    let network = |port| Endpoint::Network {
        address: Some("127.0.0.1".parse().unwrap()),
        port: Some(port),
    };
    let (tcp_port, udp_port) = (tcp.local_addr().unwrap().port(), udp.local_addr().unwrap().port());
    let connect = vec![network(tcp_port), network(udp_port), Endpoint::Unix(path.clone())];
    for (kind, host, port) in [
        ("tcp", "127.0.0.1", tcp_port),
        ("wait", "127.0.0.1", tcp_port),
        ("udp", "127.0.0.1", udp_port),
        ("msg", "127.0.0.1", udp_port),
        ("unix", path.to_str().unwrap(), 0),
    ] {
        let fence = Fence {
            connect: connect.clone(),
            ..place.fence()
        };
        let report = fenced(&place, fence, &["python3", "-c", CONTACT, kind, host, &port.to_string()]);
        assert_eq!((report.ended.how, report.error.as_str()), (Exit::Code(0), ""), "{kind}");
        assert_eq!(report.denied().len(), 0);
        match kind {
            "unix" => drop(unix.accept().unwrap()),
            "udp" | "msg" => {
                let mut bytes = [0; 9];
                let length = udp.recv(&mut bytes).unwrap();
                assert_eq!(&bytes[..length], b"hello");
            }
            _ => {
                let mut text = String::new();
                std::io::Read::read_to_string(&mut tcp.accept().unwrap().0, &mut text).unwrap();
                assert_eq!(text, "hello");
            }
        }
    }
}

#[test]
fn what_may_only_be_listed_is_not_read() {
    let place = Place::new();
    let shelf = place.tools().join("shelf");
    std::fs::create_dir(&shelf).unwrap();
    std::fs::write(shelf.join("a.txt"), "private").unwrap();
    let fence = Fence {
        read: place.fence().read.into_iter().filter(|path| *path != place.tools()).collect(),
        list: vec![shelf.clone()],
        ..place.fence()
    };
    let script = format!("ls {0}; cat {0}/a.txt || true", shelf.display());
    let report = fenced(&place, fence, &["sh", "-c", &script]);
    assert_eq!(report.output, "a.txt\n");
    assert!(!report.output.contains("private"));
    assert_eq!(report.denied().len(), 1);
}
