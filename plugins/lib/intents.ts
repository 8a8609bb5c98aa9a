/** What gives an intent away: words of names and keys, and patterns of values. */
export const INTENTS = {
  DESTRUCTIVE_DATA: [
    /\b(delete|destroy|drop|erase|purge|shred|truncate|wipe)\b/,
    /\b(drop|truncate)\s+(table|database|schema|collection|index)\b|\bdelete\s+from\b/,
    /\brm\s+(-\w+\s+)*-\w*[rf]|\bmkfs\b|\bdd\s+if=|\bformat\s+[a-z]:/,
    /\bgit\s+(push\s+.*--force|reset\s+--hard|clean\s+-\w*f)/,
  ],
  DATA_EXFILTRATION: [
    /\b(exfiltrate|dump|upload|export all|send all|backup to)\b/,
    /\b(curl|wget)\b.*(\s-d|\s--data|\s-F|\s-T|\s--upload-file|\s--post)/,
    /\b(scp|rsync|nc|ncat|ftp|sftp)\s+\S+.*[@:]/,
    /\b(pastebin\.com|webhook\.site|requestbin|ngrok\.(io|app)|transfer\.sh|file\.io)\b/,
    /\/etc\/(passwd|shadow)\b|\.ssh\/id_|\.aws\/credentials|\.env\b|\.kube\/config/,
  ],
  PRIVILEGE_ESCALATION: [
    /\b(sudo|doas|setuid|impersonate|elevate|escalate)\b|\bsu\s+-/,
    /\b(grant\s+(all|\w+\s+(on|to))|alter\s+(user|role)|add user to group|assume role)\b/,
    /\bchmod\s+([0-7]*[4-7]?777|\+s|u\+s)|\bchown\s+root\b/,
    /\b(role|scope|permissions?|is admin)\s*[:=]?\s*"?(admin|root|owner|superuser|true|\*)/,
  ],
  SYSTEM_MODIFICATION: [
    /\b(install|uninstall|reboot|shutdown|systemctl|crontab|sysctl|iptables|kill process|registry)\b/,
    /\b(apt|apt-get|yum|dnf|brew|pip|npm)\s+(-\w+\s+)*(install|remove|uninstall|upgrade)\b/,
    />\s*\/(etc|usr|bin|boot|sys|proc)\/|\/etc\/(sudoers|hosts|cron)|\.(bashrc|zshrc|profile)\b/,
    /\blaunchctl\b|\breg\s+(add|delete)\b|\bset-executionpolicy\b/,
  ],
  CODE_EXECUTION: [
    /\b(exec|execute|eval|shell|bash|powershell|spawn|subprocess|run (code|command|script))\b/,
    /\b(sh|bash|zsh|python3?|node|perl|ruby)\s+-\w*[ce]\b/,
    /[|;&]\s*(sh|bash|zsh|python3?|node|perl)\b|\$\([^)]+\)|`[^`]+`/,
    /\b(os\.system|child_process|__import__|runtime\.getruntime|new function|invoke-expression)\b/,
  ],
} as const;

export type Intent = keyof typeof INTENTS;

/** A name as words: `deleteCustomer`, `delete_customer` and `DELETE-CUSTOMER` are `delete customer`. */
export const asWords = (name: string): string =>
  plain(name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[_.\-/]+/g, " "));

/** Text without what hides words in it: look-alike forms, invisible characters, case, escapes. */
export function plain(text: string): string {
  let shown = text;
  try {
    shown = decodeURIComponent(text);
  } catch {
    // Not escaped, then.
  }
  return shown
    .normalize("NFKC")
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "")
    .toLowerCase();
}
