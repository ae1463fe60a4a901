package io.culvert.connection;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** See {@link TunnelStream#outputStream}. */
public final class ChannelOutputStream extends OutputStream {
  private final BlockingChannel channel;

  public ChannelOutputStream(BlockingChannel channel) {
    this.channel = channel;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, source.length);
    if (length > 0) {
      channel.writeBlocking(ByteBuffer.wrap(source, offset, length));
    }
  }

  @Override
  public void close() {
    channel.close();
  }
}
