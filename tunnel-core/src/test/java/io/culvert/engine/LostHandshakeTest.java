package io.culvert.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.Packets;
import io.culvert.link.LinkState;
import io.culvert.link.Proofs;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What becomes of a link when the frames that begin a socket are lost, or come to the wrong one.
 */
class LostHandshakeTest {
  private static final long TIMEOUT = EngineConfig.DEFAULT.handshakeTimeout();

  private Probe acceptor = Probe.acceptor();
  private Frame.Welcome welcome;
  private int epoch = 1;

  private void untilWelcome() {
    acceptor.ctrl(new Frame.Hello(1, 5000, 4, Probe.NONCE, Map.of()));
    welcome = (Frame.Welcome) acceptor.sent().get(0);
  }

  private void passes(long nanos) {
    acceptor.now += nanos;
    acceptor.engine.tick(acceptor.now);
  }

  private Frame.Resume resume() {
    byte[] id = welcome.connectionId();
    byte[] nonce = Probe.NONCE;
    byte[] proof = Proofs.resume(welcome.secret(), id, ++epoch, 0, nonce);
    return new Frame.Resume(id, epoch, 0, nonce, proof);
  }

  private void confirm(Frame.Resumed resumed) {
    acceptor.ctrl(
        new Frame.Confirm(
            Proofs.confirm(
                welcome.secret(), welcome.connectionId(), Probe.NONCE, resumed.nonce())));
  }

  @Test
  void aResumeOfAnUnknownLinkIsRefusedAsSuchWhateverItAcknowledges() {
    byte[] proof = new byte[32];
    Frame resume = new Frame.Resume(Probe.ID, 2, 92, Probe.NONCE, proof);

    acceptor.engine.receive(acceptor.engine.socket(), Packets.ctrl(92, resume), acceptor.now);

    assertEquals(ErrorCode.UNKNOWN_CONNECTION, ((Frame.Reject) acceptor.sent().get(0)).code());
  }

  @Test
  void aLinkWhoseConfirmWasLostCanBeResumedAfterItsSocketsEnd() {
    untilWelcome();
    acceptor.engine.socketLost(1, "cut", acceptor.now);
    assertEquals(2, acceptor.engine.resume(resume(), acceptor.now));

    confirm((Frame.Resumed) acceptor.sent().get(0));

    assertEquals(LinkState.ATTACHED, acceptor.engine.state());
    assertTrue(acceptor.events.contains("established"), acceptor.events.toString());
  }

  @Test
  void theConfirmOfTheResumeMayBeLostAsWell() {
    untilWelcome();
    acceptor.engine.resume(resume(), acceptor.now);
    acceptor.sent();
    acceptor.engine.socketLost(2, "cut", acceptor.now);
    assertEquals(LinkState.DETACHED, acceptor.engine.state());
    assertEquals(3, acceptor.engine.resume(resume(), acceptor.now));

    confirm((Frame.Resumed) acceptor.sent().get(0));

    assertEquals(LinkState.ATTACHED, acceptor.engine.state());
  }

  @Test
  void aConfirmThatNeverComesCostsTheSocketOnly() {
    untilWelcome();

    passes(TIMEOUT);

    assertEquals(LinkState.DETACHED, acceptor.engine.state());
    assertEquals(List.of("detached"), acceptor.events);
    assertEquals(List.of(), acceptor.sent()); // a REJECT would end the dialer's connection
    assertEquals(2, acceptor.engine.resume(resume(), acceptor.now));
    confirm((Frame.Resumed) acceptor.sent().get(0));
    assertEquals(LinkState.ATTACHED, acceptor.engine.state());
    assertTrue(acceptor.events.contains("established"), acceptor.events.toString());
  }

  @Test
  void whoNeverConfirmsIsForgottenAfterTwoHandshakes() {
    untilWelcome();
    passes(TIMEOUT);
    passes(TIMEOUT - 2);
    assertEquals(2, acceptor.engine.resume(resume(), acceptor.now));
    acceptor.sent();
    assertEquals(1_000 + 2 * TIMEOUT, acceptor.engine.deadline());

    passes(2);

    assertEquals(ErrorCode.CONNECTION_LOST, acceptor.endCode());
    assertEquals(List.of(), acceptor.sent());
    assertEquals(0, acceptor.engine.resume(resume(), acceptor.now));
  }

  @Test
  void withoutResumeAConfirmThatNeverComesIsRejected() {
    acceptor = Probe.of(false, EngineConfig.DEFAULT.withoutResume());
    untilWelcome();

    passes(TIMEOUT);

    assertEquals(ErrorCode.HANDSHAKE_TIMEOUT, ((Frame.Reject) acceptor.sent().get(0)).code());
    assertEquals(ErrorCode.HANDSHAKE_TIMEOUT, acceptor.endCode());
  }
}
