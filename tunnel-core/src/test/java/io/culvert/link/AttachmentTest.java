package io.culvert.link;

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
}
