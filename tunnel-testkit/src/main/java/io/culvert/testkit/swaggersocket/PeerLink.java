package io.culvert.testkit.swaggersocket;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor;

/**
 * A scripted peer with the Go library's heartbeat: pings whose pongs nobody awaits, so that only a
 * write that fails shows a broken connection. What happens then, its maker says.
 */
final class PeerLink implements SwaggerSide.Connected {
  /** The library takes one to five seconds; a test has no time. */
  private static final long PERIOD_MILLIS = 50;

  /** Called on the heartbeat's thread when the connection is broken. */
  interface OnBroken {
    /** Gives the peer that replaces the broken one, or null to end. */
    Established replace(PeerLink broken) throws InterruptedException;
  }

  /** A peer and the id of its handshake. */
  record Established(SwaggerPeer peer, String id) {}

  private final OnBroken onBroken;
  private final Thread heartbeat = new Thread(this::beat, "culvert-swagger-peer-heartbeat");

  /** Counted down under the lock. */
  private final CountDownLatch closed = new CountDownLatch(1);

  // Guarded by this.
  private Established current;
  private SwaggerService service;

  /** Broken ones, whose threads end when this is closed. */
  private final List<SwaggerPeer> retired = new ArrayList<>();

  PeerLink(Established first, OnBroken onBroken) {
    this.current = first;
    this.onBroken = onBroken;
    heartbeat.setDaemon(true);
    heartbeat.start();
  }

  private synchronized Established current() {
    return current;
  }

  @Override
  public String id() {
    return current().id();
  }

  @Override
  public Interceptor interceptor() {
    return new PeerInterceptor(() -> current().peer());
  }

  @Override
  public synchronized void serve(SwaggerService wanted) throws IOException {
    service = wanted;
    serve(current.peer());
  }

  private void serve(SwaggerPeer peer) throws IOException {
    peer.serve(PeerExchange.handler(peer, service));
  }

  boolean closed() {
    return closed.getCount() == 0;
  }

  /** Waits for one period, or until this is closed; whether it is open. */
  boolean pause() throws InterruptedException {
    return !closed.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void beat() {
    try {
      while (pause()) {
        Established established = current();
        if (!alive(established.peer())) {
          retire(established.peer());
          Established next = onBroken.replace(this);
          if (next == null) {
            return;
          }
          take(next);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean alive(SwaggerPeer peer) {
    try {
      peer.ping("");
      return !peer.ended();
    } catch (IOException e) {
      return false;
    }
  }

  /** Its handler is not interrupted: it shall see the end when it writes. */
  private synchronized void retire(SwaggerPeer broken) throws IOException {
    retired.add(broken);
    broken.cut();
  }

  private synchronized void take(Established next) throws IOException {
    current = next;
    if (closed()) {
      next.peer().close();
    } else if (service != null) {
      serve(next.peer());
    }
  }

  @Override
  public void close() throws IOException {
    List<SwaggerPeer> ending;
    synchronized (this) {
      closed.countDown();
      ending = new ArrayList<>(retired);
      ending.add(current.peer());
    }
    for (SwaggerPeer peer : ending) {
      peer.close();
    }
    try {
      heartbeat.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
