//! Carries bytes between two sockets, in both directions, exactly as they come.

use std::io::ErrorKind;

use mqttspec_scenarios::Side;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

use super::feed::Tapped;

const READ_SIZE: usize = 64 * 1024;

/// Forwards until both sides have finished, or one has aborted.
pub(super) async fn relay(mut client: TcpStream, mut server: TcpStream, tap: &Tapped) {
    let aborted = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        tokio::try_join!(
            forward(from_client, to_server, Side::Client, tap),
            forward(from_server, to_client, Side::Server, tap),
        )
    };
    if let Err(side) = aborted {
        tap.reset(side);
        // The other side is to see the same; where that is not possible it sees an orderly end.
        let _ = client.set_zero_linger();
        let _ = server.set_zero_linger();
    }
}

/// One direction: what `side` sends.
///
/// # Errors
/// The side that aborted the connection.
async fn forward(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, side: Side, tap: &Tapped) -> Result<(), Side> {
    let other = match side {
        Side::Client => Side::Server,
        Side::Server => Side::Client,
    };
    let mut buffer = vec![0; READ_SIZE];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) => {
                tap.finished(side);
                // A socket that is gone has been finished as well.
                let _ = to.shutdown().await;
                return Ok(());
            }
            Ok(len) => {
                let piece = &buffer[..len];
                // On its way first, so that the checking thread wakes beside the receiver and not before it.
                let written = to.try_write(piece);
                tap.bytes(side, piece);
                let sent = match written {
                    Ok(sent) => sent,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                    Err(_) => return Err(other),
                };
                to.write_all(&piece[sent..]).await.map_err(|_| other)?;
            }
            Err(_) => return Err(side),
        }
    }
}
