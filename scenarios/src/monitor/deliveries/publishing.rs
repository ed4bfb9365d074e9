//! What was published, and when the Server has certainly taken it (4.3).

use mqttspec_codec::{AckBuf, PacketBuf, PublishBuf, QoS};

use super::super::event::{Event, What};
use super::super::state::State;
use super::Deliveries;

impl Deliveries {
    /// Takes every publication that the book has and we do not.
    pub(super) fn note_publications(&mut self, book: &State, event: Option<&Event<'_>>) {
        let (id, len) = match event.map(|event| event.what) {
            Some(What::Sent(PacketBuf::Publish(publish), len)) => (publish.packet_id, len),
            _ => (None, 0),
        };
        let now = event.map(|event| event.index);
        while let Some(publication) = book.publications.get(self.messages.len()) {
            let life = publication.client.and_then(|client| self.current.get(&client).copied());
            let step = if Some(publication.event) == now { self.step } else { self.step_of(publication.event) };
            self.messages.add(publication, step, life, id, len);
        }
    }

    /// A PUBLISH again, of something that the Server may have finished with.
    pub(super) fn sent_publish(&mut self, book: &State, event: &Event<'_>, publish: &PublishBuf) {
        let Some(index) = self.publication_of(book, event.connection, publish.packet_id) else { return };
        // A new one is not in the list yet.
        if let Some(message) = self.messages.get_mut(index)
            && (publish.qos == QoS::AtLeastOnce || message.released.is_some())
        {
            message.extra += 1;
        }
    }

    pub(super) fn sent_pubrel(&mut self, book: &State, event: &Event<'_>, ack: &AckBuf) {
        let step = self.step;
        let Some(index) = self.publication_of(book, event.connection, Some(ack.packet_id)) else { return };
        if let Some(message) = self.messages.get_mut(index) {
            message.released.get_or_insert(step);
        }
    }

    /// PUBACK, PUBREC or PUBCOMP came.
    pub(super) fn received_answer(&mut self, book: &State, event: &Event<'_>, ack: &AckBuf, completes: bool) {
        let Some(index) = self.publication_of(book, event.connection, Some(ack.packet_id)) else { return };
        let (Some(publication), Some(message)) = (book.publications.get(index), self.messages.get(index)) else {
            return;
        };
        let qos = publication.qos;
        let finishes = completes || qos == QoS::AtLeastOnce;
        let present = publication.client.and_then(|client| self.current.get(&client).copied());
        // What the Server had received at QoS 2 and not forwarded went with the session of the publisher.
        let same_session = message.life == present && present.is_some();
        let taken = publication.accepted.is_some() && ack.reason_code.0 < 0x80;
        if let (true, Some(life)) = (finishes, present) {
            self.messages.finished(life, ack.packet_id, qos);
        }
        if finishes && taken && (same_session || qos == QoS::AtLeastOnce) {
            self.note_taken(book, index, event.index);
        }
    }

    /// Wills that the book says have been published.
    pub(super) fn settle_wills(&mut self, book: &State) {
        if self.messages.open_wills.is_empty() {
            return;
        }
        let open = std::mem::take(&mut self.messages.open_wills);
        for index in open {
            let Some(publication) = book.publications.get(index) else { continue };
            match publication.accepted {
                Some(accepted) => self.note_taken(book, index, accepted),
                None => self.messages.open_wills.push(index),
            }
        }
    }

    /// The publication that an identifier of ours stands for.
    fn publication_of(&self, book: &State, connection: usize, packet_id: Option<u16>) -> Option<usize> {
        let client = book.connections.get(&connection)?.client?;
        book.clients[client].exchanges.get(&packet_id?)?.publication
    }
}
