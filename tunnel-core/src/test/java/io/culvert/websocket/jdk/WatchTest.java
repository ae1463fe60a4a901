package io.culvert.websocket.jdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchTest {
  private final List<Duration> delays = new ArrayList<>();
  private Runnable next;
  private boolean paused;
  private int probes;
  private Throwable lost;

  private final Watch watch =
      new Watch(
          new Watch.Subject() {
            @Override
            public void after(Duration delay, Runnable action) {
              assertNull(next, "one look at a time");
              delays.add(delay);
              next = action;
            }

            @Override
            public boolean paused() {
              return paused;
            }

            @Override
            public void probe() {
              probes++;
            }

            @Override
            public void lost(Throwable reason) {
              lost = reason;
            }
          });

  /** The time has come; whether another look follows. */
  private boolean look() {
    Runnable now = next;
    next = null;
    now.run();
    return next != null;
  }

  @Test
  void nothingIsWatchedWhileTheSelectorThreadAsks() {
    watch.heard(true);
    watch.resumed();
    assertNull(next);
  }

  @Test
  void silenceAfterAnotherThreadAskedIsProbedMoreAndMoreSeldom() {
    watch.unsure();
    watch.unsure();
    for (int i = 0; i < 6; i++) {
      assertTrue(look());
    }
    assertEquals(6, probes);
    assertEquals(
        List.of(1L, 2L, 4L, 8L, 16L, 16L, 16L), delays.stream().map(Duration::toSeconds).toList());
    assertNull(lost);
  }

  @Test
  void whatTheSelectorThreadHearsEndsTheWatchAndWhatAnotherHearsDoesNot() {
    watch.unsure();
    watch.heard(false);
    assertTrue(look());
    watch.heard(true);
    assertFalse(look());
    watch.unsure();
    assertTrue(look());
  }

  @Test
  void aFailedSendIsTheEndIfTheJdkSaysNothingAboutIt() {
    IOException failure = new IOException("broken");
    watch.sendFailed(failure);
    watch.heard(true);
    assertTrue(look(), "there was more to hear");
    assertNull(lost);
    assertFalse(look());
    assertEquals(failure, lost);
  }

  @Test
  void aPauseSuspendsTheWatch() {
    watch.sendFailed(new IOException("broken"));
    paused = true;
    assertFalse(look());
    assertNull(lost);
    paused = false;
    watch.resumed();
    assertFalse(look());
    assertEquals("broken", lost.getMessage());
  }
}
