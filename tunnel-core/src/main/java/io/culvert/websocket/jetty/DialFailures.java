package io.culvert.websocket.jetty;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.UpgradeException;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;

/** What the port says when Jetty's client fails. Quotes no path, query or header of the request. */
final class DialFailures {
  private final DialRequest request;

  DialFailures(DialRequest request) {
    this.request = request;
  }

  /** Host and port that are dialed. */
  String target() {
    int port = request.uri().getPort();
    int inForce = port >= 0 ? port : request.secure() ? 443 : 80;
    return request.uri().getHost() + ":" + inForce;
  }

  IOException explain(Throwable failure) {
    if (failure instanceof HttpResponseException answer) {
      return HttpMethod.CONNECT.is(answer.getResponse().getRequest().getMethod())
          ? noTunnel(answer)
          : noAnswer();
    }
    if (failure instanceof HttpException) {
      return noAnswer();
    }
    if (failure instanceof UnknownHostException || failure instanceof UnresolvedAddressException) {
      return new IOException("cannot connect to " + peer() + ": the host is not known", failure);
    }
    if (failure instanceof EOFException || failure instanceof ClosedChannelException) {
      return new EOFException(target() + " closed the socket before it answered the upgrade");
    }
    if (failure instanceof SSLException tls) {
      return explain(tls);
    }
    if (failure instanceof SocketTimeoutException) {
      return new SocketTimeoutException("cannot connect to " + peer() + " in time");
    }
    if (failure instanceof SocketException) {
      return new IOException("cannot connect to " + peer() + ": " + failure.getMessage(), failure);
    }
    return failure instanceof IOException io ? io : new IOException("the dial failed", failure);
  }

  /** Whoever the socket is to be connected to. */
  private String peer() {
    if (request.proxy().type() == Proxy.Type.DIRECT) {
      return target();
    }
    InetSocketAddress proxy = (InetSocketAddress) request.proxy().address();
    return "the proxy " + proxy.getHostString() + ":" + proxy.getPort();
  }

  private static IOException noTunnel(HttpResponseException answer) {
    int status = answer.getResponse().getStatus();
    if (answer.getCause() instanceof HttpException) {
      return new IOException("the proxy did not answer CONNECT with HTTP/1.1");
    }
    return new IOException(
        "expected 200 from the proxy for CONNECT, but got "
            + status
            + (status == HttpStatus.PROXY_AUTHENTICATION_REQUIRED_407
                ? "; give it a proxy authorization that it accepts"
                : ""));
  }

  private UpgradeException noAnswer() {
    return new UpgradeException(
        0,
        "expected an HTTP/1.1 answer to the WebSocket upgrade, but got something else"
            + (request.secure() ? "" : "; if a TLS server is at this port, dial wss://"));
  }

  private SSLException explain(SSLException failure) {
    String hint =
        failure.getCause() instanceof CertificateException
            ? "; check which authorities this side trusts, and the host name in the URL"
            : "; check that the server speaks TLS at this port";
    return new SSLException(
        "TLS with " + target() + " failed: " + failure.getMessage() + hint, failure);
  }
}
