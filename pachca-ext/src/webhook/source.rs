//! Where webhooks come from.

use std::net::{IpAddr, Ipv4Addr};

/// The addresses from which Pachca sends webhooks, as the vendor's documentation gives them. A Pachca on your own
/// premises has others.
pub const SOURCES: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(37, 200, 70, 177)),
    IpAddr::V4(Ipv4Addr::new(185, 209, 115, 174)),
    IpAddr::V4(Ipv4Addr::new(135, 106, 159, 61)),
];

/// Whether an address is one of those, also when it is an IPv4 address that is written as an IPv6 one, as servers that
/// listen on both see it.
///
/// It is no substitute for the signature. Behind a proxy the address of the connection is the proxy's own, and the one
/// that a header names counts only if your proxy has set it.
///
/// ```
/// use pachca_ext::webhook::{SOURCES, is_source};
///
/// assert!(is_source("::ffff:37.200.70.177".parse()?, &SOURCES));
/// assert!(!is_source("192.0.2.7".parse()?, &SOURCES));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
pub fn is_source(address: IpAddr, sources: &[IpAddr]) -> bool {
    sources.iter().any(|source| source.to_canonical() == address.to_canonical())
}
