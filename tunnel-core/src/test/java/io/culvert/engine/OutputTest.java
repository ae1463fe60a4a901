package io.culvert.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.Frame;
import io.culvert.frame.Packet;
import io.culvert.link.Acknowledger;
import io.culvert.stream.Stream;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Work and deadlines are announced only while something can be done about them: whoever drives an
 * engine would spin otherwise.
 */
class OutputTest {

  @Test
  void aStalledSocketLeavesNoWorkToDo() {
    Probe probe = stalled();

    probe.ctrl(new Frame.Ping(1, new byte[0]));

    assertNull(probe.poll(false));
    assertFalse(probe.engine.hasWork(probe.now));
  }

  @Test
  void aStalledSocketLeavesNoDeadlineInThePast() {
    Probe probe = stalled();
    probe.seq(1, 0, new Frame.Open(1, Map.of()));
    probe.now += Acknowledger.DELAY_NANOS;
    assertNull(probe.poll(false));

    assertTrue(probe.engine.deadline() > probe.now, probe.engine.deadline() + " at " + probe.now);
    assertFalse(probe.engine.hasWork(probe.now));

    probe.engine.written(probe.engine.socket(), probe.engine.inTransit());
    assertTrue(probe.engine.hasWork(probe.now));
    assertEquals(1, probe.poll(true).ack());
  }

  @Test
  void theEndOfAStalledConnectionIsNoWorkEither() {
    Probe probe = stalled();

    probe.engine.close(io.culvert.frame.ErrorCode.NO_ERROR, "bye");
    assertFalse(probe.engine.hasWork(probe.now));
    assertNull(probe.poll(false));

    probe.engine.written(probe.engine.socket(), probe.engine.inTransit());
    assertTrue(probe.engine.hasWork(probe.now));
    assertEquals(Frame.Close.class, probe.sent().get(0).getClass());
  }

  /** The largest OPEN must fit wherever there is room for a packet at all. */
  @Test
  void workThatIsAnnouncedCanBeDone() {
    for (int room = 4_000; room < 4_200; room++) {
      Probe probe = Probe.acceptor().attached();
      Stream bulk = probe.engine.open(Map.of());
      fillTransit(probe, bulk, room);

      probe.engine.open(Map.of("n", "v".repeat(4092)));

      if (probe.engine.hasWork(probe.now)) {
        assertNotNull(probe.poll(false), "with " + room + " bytes of room");
      }
      assertNull(probe.poll(false));
      assertFalse(probe.engine.hasWork(probe.now), "with " + room + " bytes of room");
    }
  }

  /** Leaves about {@code room} bytes of the transit bound free. */
  private static void fillTransit(Probe probe, Stream bulk, int room) {
    probe.seq(1, 0, new Frame.Credit(bulk.id(), Long.MAX_VALUE));
    int target = EngineConfig.DEFAULT.transit() - room;
    while (probe.engine.inTransit() < target) {
      int missing = target - probe.engine.inTransit();
      probe.engine.streams().write(bulk, ByteBuffer.allocate(Math.max(1, missing - 28)));
      if (probe.poll(false) == null) {
        return;
      }
    }
  }

  /** Attached, and what was sent beyond every bound is never written. */
  private static Probe stalled() {
    Probe probe = Probe.acceptor().attached();
    for (Packet packet = null; ; packet = null) {
      probe.ctrl(new Frame.Ping(1, new byte[255]));
      packet = probe.poll(false);
      if (packet == null) {
        return probe;
      }
    }
  }
}
