package io.culvert.okhttp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.HandshakeCompletedListener;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** A stream that claims to be TLS and is not; everything is the stream's own. */
// Socket's monitor is not used, as in the stream.
@SuppressWarnings("UnsynchronizedOverridesSynchronized")
final class ClearSslSocket extends SSLSocket {
  /** What the JVM supports, so that whatever a client's connection specs ask for is among it. */
  static final SSLParameters DEFAULTS = defaults();

  private final StreamSocket raw;
  private final SSLSession session;
  private volatile SSLParameters parameters = DEFAULTS;

  ClearSslSocket(StreamSocket raw, String host, int port) {
    this.raw = raw;
    session = new ClearSslSession(host, port);
  }

  private static SSLParameters defaults() {
    try {
      return SSLContext.getDefault().getSupportedSSLParameters();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JVM has no TLS", e);
    }
  }

  StreamSocket raw() {
    return raw;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return raw.getInputStream();
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return raw.getOutputStream();
  }

  @Override
  public void close() {
    raw.close();
  }

  @Override
  public void shutdownInput() throws IOException {
    raw.shutdownInput();
  }

  @Override
  public void shutdownOutput() throws IOException {
    raw.shutdownOutput();
  }

  @Override
  public void setSoTimeout(int timeoutMillis) throws SocketException {
    raw.setSoTimeout(timeoutMillis);
  }

  @Override
  public int getSoTimeout() {
    return raw.getSoTimeout();
  }

  @Override
  public boolean isClosed() {
    return raw.isClosed();
  }

  @Override
  public boolean isConnected() {
    return raw.isConnected();
  }

  @Override
  public boolean isBound() {
    return raw.isBound();
  }

  @Override
  public boolean isInputShutdown() {
    return raw.isInputShutdown();
  }

  @Override
  public boolean isOutputShutdown() {
    return raw.isOutputShutdown();
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return raw.getRemoteSocketAddress();
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return raw.getLocalSocketAddress();
  }

  @Override
  public InetAddress getInetAddress() {
    return raw.getInetAddress();
  }

  @Override
  public int getPort() {
    return raw.getPort();
  }

  @Override
  public void startHandshake() {
    // There is none.
  }

  @Override
  public SSLSession getSession() {
    return session;
  }

  /** Empty: no protocol was negotiated, so it is HTTP/1.1. */
  @Override
  public String getApplicationProtocol() {
    return "";
  }

  @Override
  public SSLParameters getSSLParameters() {
    return parameters;
  }

  @Override
  public void setSSLParameters(SSLParameters newParameters) {
    parameters = newParameters;
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return DEFAULTS.getCipherSuites();
  }

  @Override
  public String[] getEnabledCipherSuites() {
    return DEFAULTS.getCipherSuites();
  }

  @Override
  public void setEnabledCipherSuites(String[] suites) {
    // Nothing is encrypted, whatever is enabled.
  }

  @Override
  public String[] getSupportedProtocols() {
    return DEFAULTS.getProtocols();
  }

  @Override
  public String[] getEnabledProtocols() {
    return DEFAULTS.getProtocols();
  }

  @Override
  public void setEnabledProtocols(String[] protocols) {
    // As above.
  }

  @Override
  public void addHandshakeCompletedListener(HandshakeCompletedListener listener) {
    // No handshake ever completes.
  }

  @Override
  public void removeHandshakeCompletedListener(HandshakeCompletedListener listener) {
    // None was added.
  }

  @Override
  public void setUseClientMode(boolean client) {
    // Both sides do nothing.
  }

  @Override
  public boolean getUseClientMode() {
    return true;
  }

  @Override
  public void setNeedClientAuth(boolean need) {
    // Only a server asks for that.
  }

  @Override
  public boolean getNeedClientAuth() {
    return false;
  }

  @Override
  public void setWantClientAuth(boolean want) {
    // As above.
  }

  @Override
  public boolean getWantClientAuth() {
    return false;
  }

  @Override
  public void setEnableSessionCreation(boolean enabled) {
    // There are no sessions to resume.
  }

  @Override
  public boolean getEnableSessionCreation() {
    return false;
  }
}
