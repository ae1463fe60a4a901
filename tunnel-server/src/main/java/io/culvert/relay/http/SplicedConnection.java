package io.culvert.relay.http;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.BufferUtil;

/** What an end point has after HTTP: nothing of its own, because a splice reads and writes it. */
final class SplicedConnection extends AbstractConnection.NonBlocking
    implements Connection.UpgradeTo {
  private final Runnable onOpen;
  private ByteBuffer alreadyRead = BufferUtil.EMPTY_BUFFER;

  /**
   * @param onOpen called once, when HTTP is over and {@link #alreadyRead} is known
   */
  SplicedConnection(EndPoint endPoint, Executor executor, Runnable onOpen) {
    super(endPoint, executor);
    this.onOpen = onOpen;
  }

  /** A copy of what came behind the last message; Jetty makes it for whom it is upgraded to. */
  @Override
  public void onUpgradeTo(ByteBuffer buffer) {
    alreadyRead = buffer;
  }

  /** What HTTP has read and is not HTTP; may be empty. */
  ByteBuffer alreadyRead() {
    return alreadyRead;
  }

  @Override
  public void onOpen() {
    super.onOpen();
    onOpen.run();
  }

  /** The splice has its own interest. */
  @Override
  public void onFillable() {}
}
