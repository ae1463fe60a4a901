package io.culvert.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class AttachmentTest {
  @Test
  void anAcceptorWhoseSocketWasLostBeforeConfirmCanStillBeResumed() {
    Attachment acceptor = new Attachment(LinkState.LISTENING, 10, 60, 0);
    acceptor.greeted();
    acceptor.lost("cut", 1);
    assertTrue(acceptor.outlivesSocket());
    acceptor.found(2);
    assertTrue(acceptor.outlivesSocket());
  }

  @Test
  void whatWasNeverConfirmedIsKeptForOneHandshakeMoreHoweverOftenItIsResumed() {
    Attachment acceptor = new Attachment(LinkState.LISTENING, 10, 60, 0);
    acceptor.greeted();
    assertEquals(10, acceptor.deadline());
    assertEquals(Attachment.Verdict.SOCKET_OVERDUE, acceptor.check(10));
    acceptor.lost("overdue", 10);
    assertEquals(20, acceptor.deadline());
    acceptor.found(19);
    assertEquals(20, acceptor.deadline());
    assertEquals(Attachment.Verdict.FINE, acceptor.check(19));
    assertEquals(Attachment.Verdict.EXPIRED, acceptor.check(20));
  }

  @Test
  void anAcceptorThatFindsOutLateGivesTheDialerItsTimeAllTheSame() {
    Attachment acceptor = new Attachment(LinkState.LISTENING, 10, 60, 0);
    acceptor.greeted();
    assertEquals(Attachment.Verdict.SOCKET_OVERDUE, acceptor.check(25));
    acceptor.lost("overdue", 25);
    assertEquals(Attachment.Verdict.FINE, acceptor.check(25));
    assertEquals(35, acceptor.deadline());
  }

  @Test
  void whatCannotBeResumedEndsWithItsHandshake() {
    Attachment silent = new Attachment(LinkState.LISTENING, 10, 60, 0);
    assertEquals(Attachment.Verdict.HANDSHAKE_OVERDUE, silent.check(10));
    Attachment acceptor = new Attachment(LinkState.LISTENING, 10, 0, 0);
    acceptor.greeted();
    assertEquals(Attachment.Verdict.HANDSHAKE_OVERDUE, acceptor.check(10));
  }
}
