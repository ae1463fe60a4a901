package io.culvert.websocket.javawebsocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The socket as it is. */
final class PlainPipe implements Pipe {
  /**
   * The JDK copies what it is offered into a direct buffer, all of it each time: a large message
   * offered whole to a slow socket would be copied again and again.
   */
  private static final int MAX_WRITE_BYTES = 256 * 1024;

  private final SocketChannel channel;
  private boolean blocked;

  PlainPipe(SocketChannel channel) {
    this.channel = channel;
  }

  @Override
  public int read(ByteBuffer destination) throws IOException {
    return channel.read(destination);
  }

  @Override
  public boolean buffered() {
    return false;
  }

  @Override
  public boolean write(ByteBuffer source) throws IOException {
    blocked = false;
    while (source.hasRemaining()) {
      int end = source.limit();
      int offered = Math.min(source.remaining(), MAX_WRITE_BYTES);
      source.limit(source.position() + offered);
      int taken;
      try {
        taken = channel.write(source);
      } finally {
        source.limit(end);
      }
      if (taken < offered) {
        blocked = true;
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean flush() {
    return true;
  }

  @Override
  public boolean blocked() {
    return blocked;
  }

  @Override
  public boolean handshaking() {
    return false;
  }

  @Override
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public boolean secure() {
    return false;
  }
}
