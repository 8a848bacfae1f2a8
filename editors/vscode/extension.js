// Starts `nasc lsp` for .space and .arch files, and again when the setting of its path changes.
'use strict';

const vscode = require('vscode');
const { LanguageClient } = require('vscode-languageclient/node');

let client;

async function start() {
  const command = vscode.workspace.getConfiguration('nasc').get('path');
  client = new LanguageClient(
    'nasc',
    'nasc',
    { command, args: ['lsp'] },
    {
      documentSelector: [{ language: 'nasc' }],
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher('**/*.{space,arch}') },
    });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    vscode.window.showErrorMessage(
      `nasc: cannot start '${command} lsp': ${error.message}. The setting nasc.path names the program.`);
  }
}

async function stop() {
  const old = client;
  client = undefined;
  if (old) await old.dispose();
}

async function restart() {
  await stop();
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand('nasc.restart', restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('nasc.path')) restart();
    }));
  await start();
}

module.exports = { activate, deactivate: stop };
