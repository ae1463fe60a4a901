package io.culvert.okhttp;

import io.culvert.connection.TunnelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;

/** The stream's input and output, with failures explained by the socket that carries them. */
final class StreamSocketIo {
  private StreamSocketIo() {}

  static final class Input extends InputStream {
    private final StreamSocket socket;
    private final InputStream bytes;

    Input(StreamSocket socket, InputStream bytes) {
      this.socket = socket;
      this.bytes = bytes;
    }

    @Override
    public int read() throws IOException {
      try {
        return bytes.read();
      } catch (TunnelException e) {
        throw socket.explain(e);
      }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return bytes.read(target, offset, length);
      } catch (TunnelException e) {
        throw socket.explain(e);
      }
    }

    @Override
    public int available() throws IOException {
      return bytes.available();
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  static final class Output extends OutputStream {
    private final StreamSocket socket;
    private final OutputStream bytes;

    Output(StreamSocket socket, OutputStream bytes) {
      this.socket = socket;
      this.bytes = bytes;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
      try {
        bytes.write(source, offset, length);
      } catch (TunnelException e) {
        throw socket.explain(e);
      } catch (SocketTimeoutException e) {
        socket.close(); // else OkHttp would wait for the answer to half a request
        throw e;
      }
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
