package io.culvert.connection;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** See {@link TunnelStream#inputStream}. */
public final class ChannelInputStream extends InputStream {
  private final BlockingChannel channel;

  public ChannelInputStream(BlockingChannel channel) {
    this.channel = channel;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    return length == 0 ? 0 : channel.readBlocking(ByteBuffer.wrap(target, offset, length));
  }

  @Override
  public int available() {
    return channel.available();
  }

  @Override
  public void close() {
    channel.close();
  }
}
