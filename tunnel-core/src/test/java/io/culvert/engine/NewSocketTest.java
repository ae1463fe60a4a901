package io.culvert.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.Packets;
import io.culvert.link.LinkState;
import io.culvert.link.Proofs;
import io.culvert.stream.Stream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a new socket may not do before it has proved the secret, and what the old leaves to it. */
class NewSocketTest {
  private final Probe acceptor = Probe.acceptor();
  private Frame.Welcome welcome;

  @BeforeEach
  void attach() {
    acceptor.ctrl(new Frame.Hello(1, 5000, 4, Probe.NONCE, Map.of()));
    welcome = (Frame.Welcome) acceptor.sent().get(0);
    confirm(welcome.nonce());
  }

  private void confirm(byte[] nonce) {
    byte[] id = welcome.connectionId();
    acceptor.ctrl(new Frame.Confirm(Proofs.confirm(welcome.secret(), id, Probe.NONCE, nonce)));
  }

  /** A new socket, of which the dialer has proved half: its RESUME may be a copy. */
  private Frame.Resumed resume() {
    byte[] id = welcome.connectionId();
    byte[] proof = Proofs.resume(welcome.secret(), id, 2, 0, Probe.NONCE);
    Frame.Resume resume = new Frame.Resume(id, 2, 0, Probe.NONCE, proof);
    assertEquals(2, acceptor.engine.resume(resume, acceptor.now));
    return (Frame.Resumed) acceptor.sent().get(0);
  }

  @Test
  void itsAcksCountOnlyOnceItHasProvedTheSecret() {
    Stream stream = acceptor.engine.open(Map.of());
    acceptor.engine.streams().write(stream, ByteBuffer.allocate(10));
    acceptor.sent();
    long kept = acceptor.engine.replayBytes();
    assertTrue(kept > 0);
    resume();

    Frame wrong = new Frame.Confirm(new byte[32]);
    acceptor.engine.receive(2, Packets.ctrl(1, wrong), acceptor.now);

    assertEquals(kept, acceptor.engine.replayBytes());
    assertEquals(LinkState.DETACHED, acceptor.engine.state());
  }

  @Test
  void whatItDoesWrongCostsItselfOnly() {
    resume();

    acceptor.seq(7, 0, new Frame.Open(1, Map.of()));

    assertNull(acceptor.engine.end());
    assertEquals(LinkState.DETACHED, acceptor.engine.state());
    // A move that has failed: that the socket before is lost was told by nothing else.
    assertEquals(List.of("established", "resumeFailed"), acceptor.events);
  }

  @Test
  void aPongOfThePingBeforeItAnswersNothing() {
    acceptor.now += EngineConfig.DEFAULT.heartbeatIdle();
    acceptor.engine.tick(acceptor.now);
    Frame.Ping ping = (Frame.Ping) acceptor.sent().get(0);
    confirm(resume().nonce());
    acceptor.now += 5;

    acceptor.ctrl(new Frame.Pong(ping.token(), ping.data()));

    assertFalse(acceptor.events.contains("ponged"), acceptor.events.toString());
    assertEquals(0, acceptor.engine.roundTripNanos());
  }

  @Test
  void aPingOfTheSocketBeforeIsNotAnsweredOnIt() {
    acceptor.ctrl(new Frame.Ping(9, new byte[0]));

    confirm(resume().nonce());

    assertEquals(LinkState.ATTACHED, acceptor.engine.state());
    assertEquals(List.of(), acceptor.sent());
  }

  /** Its position says that nothing has arrived, but what is kept goes out again all the same. */
  @Test
  void whatIsKeptWillArriveAlsoOfAStreamThatWasReset() {
    Stream stream = acceptor.engine.open(Map.of());
    acceptor.engine.streams().write(stream, ByteBuffer.allocate(10));
    acceptor.sent();
    confirm(resume().nonce());

    acceptor.engine.streams().reset(stream, ErrorCode.CANCELLED);

    assertTrue(acceptor.engine.mayHaveArrived(stream));
    assertTrue(acceptor.sent().stream().anyMatch(Frame.Data.class::isInstance));
  }

  @Test
  void whatIsKeptWhenTheConnectionEndsHasNotArrived() {
    Stream stream = acceptor.engine.open(Map.of());
    acceptor.engine.streams().write(stream, ByteBuffer.allocate(10));
    acceptor.sent();
    resume();

    acceptor.engine.abort("over");

    assertFalse(acceptor.engine.mayHaveArrived(stream));
  }
}
