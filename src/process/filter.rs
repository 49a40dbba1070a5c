//! The filter program by which the kernel decides which system calls it reports.
//!
//! It is generated from the tables of calls. Its instructions are data until [`install`] passes them to the kernel.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

use libc::{
    BPF_ABS, BPF_ALU, BPF_AND, BPF_JA, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_JSET, BPF_K, BPF_LD, BPF_RET, BPF_W, sock_filter,
};

use super::calls::{Call, EMPTY_PATH, Machine, Pass, X32};

const NUMBER: u32 = 0;
const MACHINE: u32 = 4;
const ARGUMENTS: u32 = 16;

const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
const NOTIFY: u32 = libc::SECCOMP_RET_USER_NOTIF;

fn instruction(code: u32, k: u32) -> sock_filter {
    jump(code, k, 0, 0)
}

fn jump(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter {
        code: u16::try_from(code).expect("codes are small"),
        jt,
        jf,
        k,
    }
}

fn load(offset: u32) -> sock_filter {
    instruction(BPF_LD | BPF_W | BPF_ABS, offset)
}

fn compare(how: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    jump(BPF_JMP | how | BPF_K, k, jt, jf)
}

fn answer(what: u32) -> sock_filter {
    instruction(BPF_RET | BPF_K, what)
}

fn low(argument: u8) -> sock_filter {
    load(ARGUMENTS + 8 * u32::from(argument))
}

fn high(argument: u8) -> sock_filter {
    load(ARGUMENTS + 8 * u32::from(argument) + 4)
}

/// Returns the instructions that decide on a call whose number matched.
fn decide(pass: Pass) -> Vec<sock_filter> {
    let (allow, notify) = (answer(ALLOW), answer(NOTIFY));
    match pass {
        Pass::Never => vec![notify],
        Pass::Empty(folder, flags) => vec![
            low(flags),
            compare(BPF_JSET, EMPTY_PATH, 0, 3),
            low(folder),
            // `AT_FDCWD` is negative, and then the path is probably not empty.
            compare(BPF_JGE, 0x8000_0000, 1, 0),
            allow,
            notify,
        ],
        Pass::Null(argument) => {
            vec![low(argument), compare(BPF_JEQ, 0, 0, 3), high(argument), compare(BPF_JEQ, 0, 0, 1), allow, notify]
        }
        Pass::Without(argument, bits) => vec![low(argument), compare(BPF_JSET, bits, 1, 0), allow, notify],
    }
}

fn section(machine: Machine, calls: &[Call]) -> Vec<sock_filter> {
    let mut section = vec![load(NUMBER)];
    if machine == Machine::X8664 {
        section.push(instruction(BPF_ALU | BPF_AND | BPF_K, !X32));
    }
    for (from, end) in machine.unknown() {
        // Below the range, or at its end and above, execution continues after these instructions.
        section.push(compare(BPF_JGE, *from, 0, if end.is_some() { 2 } else { 1 }));
        if let Some(end) = end {
            section.push(compare(BPF_JGE, *end, 1, 0));
        }
        section.push(answer(NOTIFY));
    }
    for call in calls {
        let decision = decide(call.pass);
        let over = u8::try_from(decision.len()).expect("decisions are short");
        section.push(compare(BPF_JEQ, call.number, 0, over));
        section.extend(decision);
    }
    section.push(answer(ALLOW));
    section
}

/// Returns the program for these machines; calls of other machines are all reported.
pub(super) fn program(machines: &[Machine]) -> Vec<sock_filter> {
    let mut program = vec![load(MACHINE)];
    for machine in machines {
        let section = section(*machine, machine.calls());
        let over = u32::try_from(section.len()).expect("sections are short");
        program.push(compare(BPF_JEQ, machine.audit(), 1, 0));
        program.push(instruction(BPF_JMP | BPF_JA, over));
        program.extend(section);
    }
    program.push(answer(NOTIFY));
    program
}

/// Installs the program for this thread and its future children. Reported calls are read from the returned descriptor.
///
/// The thread must have set `no_new_privs` before.
pub(super) fn install(program: &mut [sock_filter]) -> io::Result<OwnedFd> {
    // Without this flag some kernels slow down every filtered process, against attacks that do not matter here.
    let listener = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    match set(program, listener | libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) {
        // Kernels before 5.19 can't hold back signals meanwhile.
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => set(program, listener),
        result => result,
    }
}

fn set(program: &mut [sock_filter], flags: libc::c_ulong) -> io::Result<OwnedFd> {
    let length = u16::try_from(program.len()).expect("the program is short");
    let mut handed = libc::sock_fprog {
        len: length,
        filter: program.as_mut_ptr(),
    };
    #[expect(unsafe_code, reason = "neither std nor rustix has seccomp")]
    // SAFETY: the program has the given length and outlives the call, which only reads it.
    let answer = unsafe {
        libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, std::ptr::from_mut(&mut handed))
    };
    if answer < 0 {
        return Err(io::Error::last_os_error());
    }
    let descriptor = i32::try_from(answer).map_err(io::Error::other)?;
    #[expect(unsafe_code, reason = "the kernel hands out a number")]
    // SAFETY: the kernel has just opened the descriptor for dp, closed on exec, and nothing else uses it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what the kernel would do.
    fn interpret(program: &[sock_filter], number: u32, machine: u32, arguments: [u64; 6]) -> u32 {
        let mut data = [0_u8; 64];
        data[0..4].copy_from_slice(&number.to_le_bytes());
        data[4..8].copy_from_slice(&machine.to_le_bytes());
        for (index, argument) in arguments.iter().enumerate() {
            data[16 + 8 * index..24 + 8 * index].copy_from_slice(&argument.to_le_bytes());
        }
        let (mut at, mut a) = (0_usize, 0_u32);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            let code = u32::from(code);
            at += 1;
            let taken = match code & 7 {
                BPF_LD => {
                    let from = k as usize;
                    a = u32::from_le_bytes(data[from..from + 4].try_into().unwrap());
                    continue;
                }
                BPF_ALU => {
                    a &= k;
                    continue;
                }
                BPF_RET => return k,
                _ => match code & 0xf0 {
                    BPF_JA => {
                        at += k as usize;
                        continue;
                    }
                    BPF_JEQ => a == k,
                    BPF_JGE => a >= k,
                    BPF_JSET => a & k != 0,
                    other => panic!("{other:x}"),
                },
            };
            at += usize::from(if taken { jt } else { jf });
        }
    }

    const X: u32 = 0xc000_003e;
    const I: u32 = 0x4000_0003;
    const HERE: u64 = 0xffff_ff9c;

    fn both(number: u32, machine: u32, arguments: [u64; 6]) -> bool {
        let program = program(&[Machine::X8664, Machine::I386]);
        interpret(&program, number, machine, arguments) == NOTIFY
    }

    #[test]
    fn each_call_of_each_table_is_told_of() {
        for machine in Machine::ALL {
            let program = program(&Machine::ALL);
            for call in machine.calls() {
                let arguments = [!0x1000; 6];
                assert_eq!(
                    interpret(&program, call.number, machine.audit(), arguments),
                    NOTIFY,
                    "{machine:?} {call:?}"
                );
            }
        }
    }

    #[test]
    fn what_looks_nothing_up_passes() {
        for number in [0, 1, 3, 9, 60, 231, 462, 512, 547] {
            assert!(!both(number, X, [0; 6]), "{number}");
        }
        for number in [470, 511, 548, 5000] {
            assert!(both(number, X, [0; 6]), "a call of a newer kernel: {number}");
        }
        assert!(both(470, I, [0; 6]) && !both(462, I, [0; 6]));
        assert!(!both(3, I, [0; 6]));
        assert!(!both(262, X, [3, 7, 0, 0x1000, 0, 0]), "fstat");
        assert!(both(262, X, [HERE, 7, 0, 0x1000, 0, 0]), "a path all the same");
        assert!(both(262, X, [3, 7, 0, 0, 0, 0]));
        assert!(!both(332, X, [3, 7, 0x1000, 0, 0, 0]), "fstat by statx");
        assert!(!both(280, X, [3, 0, 0, 0, 0, 0]), "times of a descriptor");
        assert!(both(280, X, [3, 1 << 40, 0, 0, 0, 0]));
        assert!(!both(44, X, [3, 7, 1, 0, 0, 0]), "connected");
        assert!(both(44, X, [3, 7, 1, 0, 9, 0]));
        assert!(!both(272, X, [0x400, 0, 0, 0, 0, 0]), "unshare of descriptors");
        assert!(both(272, X, [0x2_0400, 0, 0, 0, 0, 0]));
    }

    #[test]
    fn tables_are_told_apart() {
        assert!(both(5, I, [0; 6]), "open");
        assert!(!both(5, X, [0; 6]), "fstat");
        assert!(both(0x101 | X32, X, [0; 6]), "openat of x32");
        assert!(both(1, 0x4000_0028, [0; 6]), "a machine that is not known");
    }
}
