package io.culvert.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
import io.culvert.stream.Stream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What an engine has told, and the order that it must keep in it. */
final class EventRules implements EngineEvents {
  private final boolean resumes;
  private final Set<Stream> ended = new HashSet<>();
  private boolean established;

  /** Those that the application knows. */
  final List<Stream> streams = new ArrayList<>();

  /** Events so far. */
  int count;

  /** The link has no socket, as far as the events say. */
  boolean lost;

  /** How the connection ended; null while it has not. */
  EngineEnd end;

  EventRules(boolean resumes) {
    this.resumes = resumes;
  }

  boolean over(Stream stream) {
    return ended.contains(stream);
  }

  boolean allOver() {
    return ended.size() == streams.size();
  }

  private void running() {
    assertNull(end, "an event after the end");
    count++;
  }

  @Override
  public void opened(Stream stream) {
    running();
    streams.add(stream);
  }

  @Override
  public void readable(Stream stream) {
    running();
  }

  @Override
  public void writable(Stream stream) {
    running();
  }

  @Override
  public void closed(Stream stream) {
    running();
    // A stream that was refused was never shown.
    if (streams.contains(stream)) {
      assertTrue(ended.add(stream), stream + " ended twice");
    }
  }

  @Override
  public void mayOpen() {
    running();
  }

  @Override
  public void established() {
    running();
    assertFalse(established, "established twice");
    established = true;
  }

  @Override
  public void welcoming(String connectionId) {
    running();
  }

  @Override
  public void detached(String reason) {
    running();
    assertTrue(resumes, "detached, but nobody resumes");
    assertFalse(lost, "detached twice");
    lost = true;
  }

  @Override
  public void resumeFailed(String reason) {
    running();
    assertTrue(resumes, "a failed resume, but nobody resumes");
    lost = true; // not so before, if it was a move
  }

  @Override
  public void resumed(long outageNanos, int packets, long bytes) {
    running();
    assertTrue(resumes, "resumed, but nobody resumes");
    assertTrue(outageNanos >= 0, "an outage of " + outageNanos);
    lost = false;
  }

  @Override
  public void pinged(byte[] data) {
    running();
  }

  @Override
  public void ponged(byte[] data, long roundTripNanos) {
    running();
    assertTrue(roundTripNanos > 0);
  }

  @Override
  public void peerGoingAway() {
    running();
  }

  @Override
  public void ended(EngineEnd how) {
    running();
    end = how;
  }
}
