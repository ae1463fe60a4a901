package io.culvert.servlet;

import io.culvert.connection.TunnelStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The requests that run on one stream (several with HTTP/2). It holds the stream until the last of
 * them is finished and the end point is closed: closing the stream is what lets the peer open
 * another one, and a peer that opens and resets must not get ahead of the handlers. Thread-safe.
 */
final class RunningRequests {
  private final TunnelStream stream;
  private final Set<TunnelRequest> requests = ConcurrentHashMap.newKeySet();

  // Guarded by this.
  private int running;
  private boolean endPointClosed;

  /** What to do when no request runs any more; null for nothing. */
  private Runnable whenIdle;

  RunningRequests(TunnelStream stream) {
    this.stream = stream;
  }

  synchronized boolean running() {
    return running > 0;
  }

  void started(TunnelRequest request) {
    synchronized (this) {
      running++;
    }
    requests.add(request);
  }

  void finished(TunnelRequest request) {
    requests.remove(request);
    Runnable idle;
    synchronized (this) {
      running--;
      idle = running == 0 ? whenIdle : null;
    }
    giveBackIfDone();
    if (idle != null) {
      idle.run();
    }
  }

  /** Runs the action as soon as no request runs, which may be now. */
  void whenIdle(Runnable action) {
    synchronized (this) {
      if (running > 0) {
        whenIdle = action;
        return;
      }
    }
    action.run();
  }

  void endPointClosed() {
    synchronized (this) {
      endPointClosed = true;
    }
    giveBackIfDone();
  }

  /** Tells requests that neither read nor write at the moment, and so would not notice. */
  void peerIsGone(Throwable failure) {
    requests.forEach(request -> request.peerIsGone(failure));
  }

  private void giveBackIfDone() {
    boolean done;
    synchronized (this) {
      done = endPointClosed && running == 0;
    }
    if (done) {
      stream.close();
    }
  }
}
