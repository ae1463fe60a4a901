package io.culvert.websocket.jetty;

import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;

/**
 * A close frame with any code that lets the session go on until the peer has answered.
 *
 * <p>After a code that Jetty calls abnormal (all but 1000 and those of applications) its session
 * drops the socket at once; bytes that nobody has read make that a reset, which may overtake the
 * frame. Jetty asks a frame of this kind for its status instead of reading its payload, and is told
 * an ordinary one.
 */
final class CloseFrame extends Frame implements CloseStatus.Supplier {

  /**
   * @param code one that may be sent, or 1005 for a frame without a code
   */
  CloseFrame(int code, String reason) {
    super(OpCode.CLOSE, payload(code, reason));
  }

  private static ByteBuffer payload(int code, String reason) {
    return code == CloseStatus.NO_CODE
        ? ByteBuffer.allocate(0)
        : CloseStatus.asPayloadBuffer(code, reason);
  }

  @Override
  public CloseStatus getCloseStatus() {
    return CloseStatus.NORMAL_STATUS;
  }
}
