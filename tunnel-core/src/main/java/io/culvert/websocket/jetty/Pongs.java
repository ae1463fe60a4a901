package io.culvert.websocket.jetty;

import java.nio.ByteBuffer;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;

/**
 * Answers pings. One pong is on its way at a time; of the pings that come meanwhile only the latest
 * is answered (RFC 6455 section 5.5.3), so that a flood of them takes no memory. Thread-safe.
 */
final class Pongs {
  private final CoreSession session;

  // All below is guarded by this.
  private boolean onItsWay;

  /** What the next pong carries; null if all pings are answered. */
  private ByteBuffer next;

  Pongs(CoreSession session) {
    this.session = session;
  }

  /**
   * Answers a ping, unless one comes after it too soon.
   *
   * @param data the ping's; belongs to this object from here on
   */
  void answer(ByteBuffer data) {
    synchronized (this) {
      next = data;
    }
    send();
  }

  private void send() {
    ByteBuffer data;
    synchronized (this) {
      if (onItsWay || next == null) {
        return;
      }
      onItsWay = true;
      data = next;
      next = null;
    }
    // A pong that fails has found the session closed, which the session reports by itself.
    session.sendFrame(
        new Frame(OpCode.PONG, data),
        Callback.from(InvocationType.NON_BLOCKING, this::sent, failure -> {}),
        false);
  }

  private void sent() {
    synchronized (this) {
      onItsWay = false;
    }
    send();
  }
}
