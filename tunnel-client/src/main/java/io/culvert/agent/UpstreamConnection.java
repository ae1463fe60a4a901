package io.culvert.agent;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.util.BufferUtil;

/** A socket on its way to a splice: it speaks TLS first if it has to, and then nothing more. */
final class UpstreamConnection extends AbstractConnection.NonBlocking
    implements SslHandshakeListener {
  private final Consumer<EndPoint> onReady;
  private final Consumer<Throwable> onTlsFailure;
  private boolean handshakeOver;

  /**
   * @param onReady called once with the end point, when bytes of the application may be sent
   * @param onTlsFailure called instead if TLS failed; the end point is closed then
   */
  UpstreamConnection(
      EndPoint endPoint,
      Executor executor,
      Consumer<EndPoint> onReady,
      Consumer<Throwable> onTlsFailure) {
    super(endPoint, executor);
    this.onReady = onReady;
    this.onTlsFailure = onTlsFailure;
  }

  @Override
  public void onOpen() {
    super.onOpen();
    if (!(getEndPoint() instanceof SslConnection.SslEndPoint tls)) {
      onReady.accept(getEndPoint());
      return;
    }
    tls.getSslConnection().addHandshakeListener(this);
    try {
      getEndPoint().flush(BufferUtil.EMPTY_BUFFER); // begins the handshake
      onFillable();
    } catch (IOException e) {
      fail(e);
    }
  }

  @Override
  public void handshakeSucceeded(Event event) {
    handshakeOver = true;
  }

  /** Reads nothing but the handshake. */
  @Override
  public void onFillable() {
    try {
      int filled = getEndPoint().fill(BufferUtil.EMPTY_BUFFER);
      if (handshakeOver) {
        onReady.accept(getEndPoint());
      } else if (filled < 0) {
        fail(new IOException("the connection was closed during the handshake"));
      } else {
        fillInterested();
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  @Override
  public void onFillInterestedFailed(Throwable cause) {
    fail(cause);
  }

  private void fail(Throwable failure) {
    getEndPoint().close(failure);
    onTlsFailure.accept(failure);
  }
}
