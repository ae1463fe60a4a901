package io.culvert.servlet;

import io.culvert.connection.TunnelStream;
import io.culvert.jetty.StreamEndPoint;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.internal.HttpConnection;

/** A stream as Jetty's server sees it: it ends when the last request on it is finished. */
final class TunnelEndPoint extends StreamEndPoint {
  private final TunnelConnector connector;
  private final RunningRequests requests;

  /** Threads that Jetty may use for a handler at the moment. */
  private final AtomicInteger handling = new AtomicInteger();

  TunnelEndPoint(TunnelConnector connector, TunnelStream stream) {
    super(
        stream,
        connector.getScheduler(),
        task -> connector.requestExecutor().execute(task),
        task -> connector.wakeExecutor().execute(task));
    this.connector = connector;
    requests = new RunningRequests(stream);
  }

  RunningRequests requests() {
    return requests;
  }

  /** While a request runs the end of the stream is to be noticed, also if Jetty wants no bytes. */
  @Override
  protected void onFilled() {
    if (requests.running()) {
      watch();
    }
  }

  /** A request has begun, see {@link #onFilled}. */
  void watchForEnd() {
    watch();
  }

  @Override
  protected void onUnwanted() {
    if (stream().outputEnded() && requests.running()) {
      execute(this::checkPeer);
    }
  }

  @Override
  protected void fillable() {
    handling.incrementAndGet();
    try {
      super.fillable();
    } finally {
      handling.decrementAndGet();
      checkPeer();
    }
  }

  @Override
  protected void fillableWithoutBlocking() {
    super.fillableWithoutBlocking();
    onUnwanted(); // what it tells the application may block
  }

  /**
   * Fails running requests if the peer does not wait for their responses any more. Not while a
   * thread is in a handler: a servlet that has just become asynchronous would miss it, because
   * Jetty drops such a failure until that thread has returned. The thread looks itself when it has.
   */
  void checkPeer() {
    if (handling.get() == 0 && stream().outputEnded() && requests.running()) {
      requests.peerIsGone(new EofException("the peer has given up the request"));
    }
  }

  /**
   * Ends the stream once the requests on it are finished, so that its opener's next one goes to
   * another server. A stream that carries something else than HTTP by now goes on.
   */
  void retire() {
    if (requests.running()) {
      requests.whenIdle(() -> execute(this::endHttp));
    } else {
      endHttp();
    }
  }

  private void endHttp() {
    Connection connection = getConnection();
    if (connection instanceof HttpConnection || connection instanceof HTTP2Connection) {
      close();
    }
  }

  /**
   * The peer gets what was written and then the end. The stream itself is given back only when no
   * request runs on it any more.
   */
  @Override
  protected void doClose() {
    doShutdownOutput();
    stream().shutdownInput();
    requests.endPointClosed();
  }

  /** {@link #requests} ends it. */
  @Override
  protected void endStream(Throwable failure) {}

  @Override
  protected void onClosed(Throwable failure) {
    super.onClosed(failure);
    connector.ended(this);
  }

  @Override
  protected boolean mayExpire() {
    // When the server stops nothing will come any more, outage or not.
    return !requests.running() && (!outage() || connector.isShutdown());
  }
}
