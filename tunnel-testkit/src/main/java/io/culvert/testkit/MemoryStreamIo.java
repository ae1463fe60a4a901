package io.culvert.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** The blocking views of a {@link MemoryStream}. */
final class MemoryStreamIo {
  private MemoryStreamIo() {}

  static final class Input extends InputStream {
    private final MemoryStream stream;

    Input(MemoryStream stream) {
      this.stream = stream;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, target.length);
      return length == 0 ? 0 : stream.readBlocking(ByteBuffer.wrap(target, offset, length));
    }

    @Override
    public int available() {
      return stream.available();
    }

    @Override
    public void close() {
      stream.close();
    }
  }

  static final class Output extends OutputStream {
    private final MemoryStream stream;

    Output(MemoryStream stream) {
      this.stream = stream;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      stream.writeBlocking(ByteBuffer.wrap(source, offset, length));
    }

    @Override
    public void close() {
      stream.close();
    }
  }
}
