package io.culvert.okhttp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Layers nothing over a stream and calls it TLS, so that OkHttp treats an {@code https} call as
 * one: secure cookies, the cache (which drops an {@code https} response that came without a
 * handshake) and redirects keep their meaning.
 */
final class ClearSslSocketFactory extends SSLSocketFactory {
  static final ClearSslSocketFactory INSTANCE = new ClearSslSocketFactory();

  private ClearSslSocketFactory() {}

  @Override
  public SSLSocket createSocket(Socket raw, String host, int port, boolean autoClose)
      throws IOException {
    if (raw instanceof StreamSocket stream) {
      return new ClearSslSocket(stream, host, port);
    }
    // Never for another kind of socket: its bytes would be in the open.
    throw new IOException("clear text in place of TLS is only for streams, not for " + raw);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    throw new IOException("only layers over a stream");
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return createSocket(host.getHostName(), port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return ClearSslSocket.DEFAULTS.getCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return ClearSslSocket.DEFAULTS.getCipherSuites();
  }
}
