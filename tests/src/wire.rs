//! Connections that can be told to break.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::service::Service;

/// What a connection is to do with whatever is written to it next.
#[derive(Debug, Default)]
enum Order {
    /// Send it.
    #[default]
    Pass,
    /// Send nothing and reset the connection.
    Reset,
    /// Send these bytes in its place and close the connection.
    Replace(Bytes),
}

/// A handle with which whoever answers a request gives orders to the request's connection.
#[derive(Clone, Debug, Default)]
pub struct Wire(Arc<Mutex<Order>>);

impl Wire {
    /// Resets the connection as soon as anything is written to it.
    pub fn reset(&self) {
        *self.order() = Order::Reset;
    }

    /// Sends these bytes in place of what is written, and then closes the connection.
    pub fn replace(&self, bytes: Bytes) {
        *self.order() = Order::Replace(bytes);
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, Gate>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Gate>) -> Self {
        stream.io().wire.clone()
    }
}

/// The listener, which may hang up on a connection before it is heard.
#[derive(Debug)]
pub struct Gate {
    listener: TcpListener,
    service: Arc<Service>,
}

impl Gate {
    /// A gate to a service.
    pub fn new(listener: TcpListener, service: Arc<Service>) -> Self {
        Self { listener, service }
    }
}

impl Listener for Gate {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            if self.service.hangs_up() {
                // Without lingering, closing is a reset. If it can't be set, closing will do.
                let _ = stream.set_zero_linger();
                continue;
            }
            // Otherwise the rest of a long answer could wait for the client's delayed acknowledgement.
            let _ = stream.set_nodelay(true);
            return (Connection { stream, wire: Wire::default() }, address);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    wire: Wire,
}

impl Connection {
    /// Carries out the order; ready with nothing when the bytes are to be sent as they are.
    ///
    /// An error makes the server drop the connection, and dropping is what closes it.
    fn obey(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut order = self.wire.order();
        match &mut *order {
            Order::Pass => Poll::Ready(Ok(())),
            Order::Reset => {
                let _ = self.stream.set_zero_linger();
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            Order::Replace(bytes) => {
                while bytes.has_remaining() {
                    let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
                    bytes.advance(written);
                    if written == 0 {
                        break;
                    }
                }
                Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
            }
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.obey(context))?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.obey(context))?;
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
