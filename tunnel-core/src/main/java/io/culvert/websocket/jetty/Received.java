package io.culvert.websocket.jetty;

import io.culvert.websocket.ListenerCalls;
import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;

/** Makes callbacks and pongs of all frames but close frames. For one thread at a time. */
final class Received {
  private final ListenerCalls calls;
  private final Assembly assembly;
  private final Pongs pongs;

  Received(ListenerCalls calls, int maxMessageBytes, CoreSession session) {
    this.calls = calls;
    this.assembly = new Assembly(maxMessageBytes);
    this.pongs = new Pongs(session);
  }

  /**
   * Takes one frame; its payload is not used after this method has returned.
   *
   * @throws org.eclipse.jetty.websocket.core.exception.MessageTooLargeException if a message is
   *     longer than allowed
   */
  void onFrame(Frame frame) {
    switch (frame.getOpCode()) {
      case OpCode.PING -> pongs.answer(copy(frame));
      case OpCode.PONG -> calls.pong(copy(frame));
      default -> onPart(frame);
    }
  }

  private static ByteBuffer copy(Frame frame) {
    ByteBuffer copy = ByteBuffer.allocate(frame.getPayloadLength());
    return frame.hasPayload() ? copy.put(frame.getPayload()).flip() : copy;
  }

  private void onPart(Frame frame) {
    ByteBuffer message = assembly.add(frame);
    if (message == null) {
      return;
    }
    if (assembly.text()) {
      calls.text(message);
    } else {
      calls.binary(message);
    }
  }
}
